export interface Memory {
  readonly baseBytes: number
  readonly connectionBytes: number
}

/** A line through what nodes take by their connections (least squares); flat if all have as many. */
export function memoryOf(
  points: readonly { readonly connections: number; readonly memoryBytes: number }[],
): Memory {
  const n = points.length
  const meanX = points.reduce((sum, { connections }) => sum + connections, 0) / n
  const meanY = points.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0) / n
  const spreadX = points.reduce((sum, { connections }) => sum + (connections - meanX) ** 2, 0)
  const joint = points.reduce((sum, p) => sum + (p.connections - meanX) * (p.memoryBytes - meanY), 0)
  const connectionBytes = spreadX < 1 ? 0 : Math.max(0, joint / spreadX)
  return { baseBytes: meanY - connectionBytes * meanX, connectionBytes }
}

export const memoryAt = ({ baseBytes, connectionBytes }: Memory, connections: number): number =>
  baseBytes + connectionBytes * connections
