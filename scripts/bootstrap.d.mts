/** What a task and the nodes that it starts run with. */
export declare const NODE_FLAGS: readonly string[]
