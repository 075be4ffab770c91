import { memoryStore } from '@gatewright/core'
import { fakeClock } from '../fake-clock'
import { memoryDisk } from '../memory-disk'
import { serialisingStore } from '../serialising-store'
import { describeApprovalStore } from './store'
import type { StoreHarness } from './store-harness'

const clock = fakeClock()

describeApprovalStore('the memory store', {
  create: () => memoryStore({ clock }),
  another: (store) => store,
  clock,
})
describeApprovalStore('the serialising store', serialising())

function serialising(): StoreHarness {
  let disk = memoryDisk()
  return {
    create() {
      disk = memoryDisk()
      return serialisingStore({ clock, disk })
    },
    reopen: () => serialisingStore({ clock, disk }),
    another: () => serialisingStore({ clock, disk }),
    clock,
  }
}
