// LangGraph: a node that calls interrupt(), with a saver in memory, which interrupts need; Command resumes it. Without the
// gate, the same graph with neither. A finished thread is deleted, so that the saver does not grow.
import { Command, MemorySaver } from '@langchain/langgraph'
import { guardedGraph, plainGraph } from './langgraph-graph.mjs'

export async function createPeer() {
  let runs = 0
  let nextThread = 0
  const saver = new MemorySaver()
  const work = (args) => {
    runs += 1
    return args.id
  }
  const plain = plainGraph(work)
  const guarded = guardedGraph(work, saver)

  function thread() {
    nextThread += 1
    return { configurable: { thread_id: `thread-${nextThread}` } }
  }

  const forget = (config) => saver.deleteThread(config.configurable.thread_id)

  return {
    ran: () => runs,
    ungated: (args) => plain.invoke({ args }),
    async gated(args) {
      const config = thread()
      await guarded.invoke({ args }, config)
      await guarded.invoke(new Command({ resume: true }), config)
      await forget(config)
    },
    async hold(args) {
      const config = thread()
      await guarded.invoke({ args }, config)
      return { config }
    },
  }
}
