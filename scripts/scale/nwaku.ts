/** What others published about nwaku, each with its source; figures as published, or computed from the published raw data. */
export const NWAKU = {
  /**
   * Revuelta, Tikhomirov, Challani, Cornelius, Vivier, "Message Latency in Waku Relay with Rate Limiting Nullifiers", DLT 2024, CEUR-WS vol. 3791, paper 25. Raw data:
   * github.com/waku-org/research, rln-delay-simulations/raw/paper_latency_2kb_v2.txt; as its analyze.py does, the first message is left out.
   * Link settings: shadow.yaml beside it.
   */
  latency: {
    nodes: 1_000,
    payloadBytes: 2_000,
    samples: 8_991,
    weather: { delayMs: [150, 150], loss: 0 },
    /** Peers that each node dials. */
    dials: 25,
    p50: 518,
    p95: 597,
    p99: 599,
  },
  /** docs.waku.org/research/benchmarks/test-results-summary, nwaku 0.34: mean of libp2p's bytes in, a node. */
  traffic: { nodes: 1_000, payloadBytes: 1_000, rate: 1, bytesPerSecond: 10_100 },
} as const
