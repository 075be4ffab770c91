// HumanLayer's decorator over a backend in memory. Timed calls find their answer at once, and the sleep of 3 s before each
// poll is taken out; held calls sleep as shipped.
import { humanlayer } from 'humanlayer'

export async function createPeer() {
  let runs = 0
  let nextId = 0
  const genid = (prefix) => `${prefix}-${String((nextId += 1)).padStart(20, '0')}`
  async function exportTable(args) {
    runs += 1
    return args.id
  }
  const answered = humanlayer({
    approvalMethod: 'backend',
    backend: backendThat({ approved: true }),
    genid,
    sleep: () => Promise.resolve(),
  })
  const silent = humanlayer({ approvalMethod: 'backend', backend: backendThat({}), genid })
  const held = silent.requireApproval()(exportTable)
  return {
    ran: () => runs,
    gated: answered.requireApproval()(exportTable),
    ungated: exportTable,
    async hold(args) {
      return { call: held(args) }
    },
  }
}

function backendThat(status) {
  const calls = new Map()
  const functions = {
    async add(call) {
      calls.set(call.call_id, { ...call, status: { requested_at: new Date(), ...status } })
      return call
    },
    async get(id) {
      const call = calls.get(id)
      if (call.status.approved) calls.delete(id)
      return call
    },
  }
  return { functions: () => functions, contacts: () => ({}) }
}
