declare module 'circomlibjs' {
  export function buildPoseidon(): Promise<{
    (inputs: readonly bigint[]): Uint8Array
    F: { toObject(element: Uint8Array): bigint }
  }>
}
