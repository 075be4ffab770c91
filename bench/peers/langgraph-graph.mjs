import { Annotation, END, interrupt, START, StateGraph } from '@langchain/langgraph'

const State = Annotation.Root({ args: Annotation(), result: Annotation() })

const graphOf = (node) =>
  new StateGraph(State).addNode('exportTable', node).addEdge(START, 'exportTable').addEdge('exportTable', END)

/** A graph that runs the function. */
export function plainGraph(work) {
  return graphOf(async ({ args }) => ({ result: work(args) })).compile()
}

/** A graph that asks before it runs the function, and keeps what it waits for in `checkpointer`. */
export function guardedGraph(work, checkpointer) {
  return graphOf(async ({ args }) =>
    interrupt({ tool: 'exportTable', args }) ? { result: work(args) } : { result: null },
  ).compile({ checkpointer })
}
