/** Gas of somebody else's contract for the same operation, a whole transaction. */
export interface Figure {
  readonly who: string
  readonly gas: number
}

/** An operation with a gate: where our own figure is kept, and what it is compared with. */
export interface Operation {
  readonly operation: string
  /** Name of a file in snapshots/, and of an entry in it; the first that is there counts. */
  readonly at: readonly (readonly [file: string, entry: string])[]
  readonly gate: number
  /**
   * Others for the same purpose, measured on their contracts or published by them before; not measured in this run, since
   * none of them comes as a package.
   */
  readonly peers: readonly Figure[]
  /**
   * What a minimal contract without checks, audits or extras takes: an entry of snapshots/Floors.json (our own in
   * test/contracts/gas/floors, measured with the rest), or a figure of one measured or estimated before.
   */
  readonly floor?: { readonly measured: string } | { readonly figure: number; readonly note: string }
}

const figure = (gas: number, note = 'measured before') => ({ figure: gas, note })

/** Groth16: the pairing check of four points, and a multiplication and an addition for each public input. */
const GROTH16_FLOOR = 181_000
const GROTH16_INPUT = 6_200
const SEMAPHORE_INPUTS = 4
const groth16Floor = GROTH16_FLOOR + SEMAPHORE_INPUTS * GROTH16_INPUT

/** In the order in which they are shown. Every other entry of snapshots/ is shown after them, without a gate. */
export const OPERATIONS: readonly Operation[] = [
  {
    operation: 'register a membership',
    at: [['MembershipRegistry', 'register']],
    gate: 78_000,
    peers: [
      { who: 'rln-contracts (no tree)', gas: 113_700 },
      { who: 'waku-rlnv2 (tree)', gas: 307_600 },
    ],
    floor: figure(64_600, 'measured before, no ledger hash'),
  },
  {
    operation: 'renew a membership, fee paid',
    at: [['MembershipRegistry', 'renew']],
    gate: 62_000,
    peers: [{ who: 'waku-rlnv2 extend (no fee)', gas: 39_200 }],
  },
  {
    operation: 'exit',
    at: [['MembershipRegistry', 'exit']],
    gate: 40_000,
    peers: [{ who: 'waku-rlnv2 erase', gas: 103_000 }],
  },
  {
    operation: 'withdraw a deposit',
    at: [['MembershipRegistry', 'withdraw']],
    gate: 50_000,
    peers: [{ who: 'waku-rlnv2 withdraw', gas: 44_000 }],
  },
  {
    operation: 'claim fees, each of 50',
    at: [['MembershipRegistry', 'claim fees, each of 50']],
    gate: 9_000,
    peers: [],
    floor: figure(6_000, 'estimate'),
  },
  {
    operation: 'slash: commit',
    at: [['MembershipRegistry', 'slash: commit']],
    gate: 48_000,
    peers: [{ who: 'rln-contracts', gas: 64_800 }],
  },
  {
    operation: 'slash: reveal, burn, reward',
    at: [['MembershipRegistry', 'slash: reveal']],
    gate: 85_000,
    peers: [{ who: 'rln-contracts (a proof)', gas: 214_000 }],
    floor: figure(38_100 + 13_500, 'measured before, 13.5 k of it Poseidon'),
  },
  {
    operation: 'open a channel',
    at: [['PaymentChannels', 'allocate (open a channel)']],
    gate: 82_000,
    peers: [
      { who: 'TAP deposit', gas: 82_400 },
      { who: 'Raiden', gas: 146_900 },
    ],
    floor: { measured: 'allocate' },
  },
  {
    operation: 'collect a voucher',
    at: [['PaymentChannels', 'collect']],
    gate: 58_000,
    peers: [
      { who: 'Swarm chequebook', gas: 71_500 },
      { who: 'TAP', gas: 122_700 },
    ],
    floor: { measured: 'collect' },
  },
  {
    operation: 'collect, each of 25 vouchers',
    at: [['PaymentChannels', 'collect, each of 25']],
    gate: 17_000,
    peers: [],
    floor: { measured: 'collect, each of 25' },
  },
  {
    operation: 'stake',
    at: [['OperatorStaking', 'stake']],
    gate: 76_000,
    peers: [
      { who: 'Status vault', gas: 72_400 },
      { who: 'Swarm', gas: 161_500 },
    ],
    floor: figure(66_000, 'estimate'),
  },
  {
    operation: 'fund a deal',
    at: [['Escrow', 'fund']],
    gate: 76_000,
    peers: [
      { who: 'commerce-payments', gas: 155_700 },
      { who: 'Kleros', gas: 166_300 },
    ],
    floor: figure(66_100),
  },
  {
    operation: 'release a deal',
    at: [['Escrow', 'release']],
    gate: 53_000,
    peers: [
      { who: 'commerce-payments', gas: 69_900 },
      { who: 'Kleros', gas: 53_800 },
    ],
    floor: figure(46_100),
  },
  {
    operation: 'create a red envelope',
    at: [['RedEnvelope', 'create']],
    gate: 106_000,
    peers: [{ who: 'HappyRedPacket', gas: 133_000 }],
    floor: figure(91_900),
  },
  {
    operation: 'claim a share of one',
    at: [['RedEnvelope', 'claim']],
    gate: 70_000,
    peers: [{ who: 'HappyRedPacket', gas: 92_000 }],
    floor: figure(60_800),
  },
  {
    operation: 'check a Semaphore proof (Groth16, 4 public inputs)',
    at: [['SemaphoreVerifier', 'verify']],
    gate: Math.round(groth16Floor * 1.05),
    peers: [{ who: 'Semaphore', gas: 214_000 }],
    floor: figure(groth16Floor, 'pairings and 6.2 k an input'),
  },
]
