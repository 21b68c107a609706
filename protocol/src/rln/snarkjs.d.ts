/** The part of snarkjs that Teahouse uses; files are given as bytes. */
declare module 'snarkjs' {
  type Bytes = Uint8Array | string
  interface MemoryFile {
    type: 'mem'
    data?: Uint8Array
  }
  interface Groth16ProofJson {
    pi_a: string[]
    pi_b: string[][]
    pi_c: string[]
    protocol: string
    curve: string
  }
  interface Logger {
    debug(text: string): void
    info(text: string): void
    warn(text: string): void
    error(text: string): void
  }
  export const wtns: {
    calculate(input: Record<string, unknown>, wasm: Bytes, witness: MemoryFile): Promise<void>
    exportJson(witness: MemoryFile): Promise<bigint[]>
    check(r1cs: Bytes, witness: MemoryFile, logger?: Logger): Promise<boolean>
  }
  export const groth16: {
    prove(
      zkey: Bytes,
      witness: MemoryFile,
      logger?: Logger,
      options?: { singleThread?: boolean },
    ): Promise<{ proof: Groth16ProofJson; publicSignals: string[] }>
    verify(verificationKey: unknown, publicSignals: string[], proof: Groth16ProofJson): Promise<boolean>
  }
  /** A linear combination: decimal factors by wire. */
  type Terms = Record<string, string>
  export const r1cs: {
    exportJson(file: Bytes): Promise<{ nVars: number; constraints: [Terms, Terms, Terms][] }>
  }
  export const curves: { getCurveFromName(name: 'bn128'): Promise<object> }
  export const powersOfTau: {
    newAccumulator(curve: object, power: number, to: MemoryFile): Promise<Uint8Array>
    contribute(from: Bytes | MemoryFile, to: MemoryFile, name: string, entropy: string): Promise<Uint8Array>
    preparePhase2(from: Bytes | MemoryFile, to: MemoryFile): Promise<void>
  }
  export const zKey: {
    newZKey(r1cs: Bytes, ptau: Bytes, zkey: string | MemoryFile, logger?: Logger): Promise<Uint8Array | -1>
    contribute(
      from: Bytes,
      to: string | MemoryFile,
      name: string,
      entropy: string,
      logger?: Logger,
    ): Promise<Uint8Array | false>
    beacon(
      from: Bytes,
      to: string | MemoryFile,
      name: string,
      hash: string,
      exponent: number,
      logger?: Logger,
    ): Promise<Uint8Array | false>
    verifyFromR1cs(r1cs: Bytes, ptau: Bytes, zkey: Bytes, logger?: Logger): Promise<boolean>
    exportVerificationKey(zkey: Bytes, logger?: Logger): Promise<Record<string, unknown>>
    exportSolidityVerifier(zkey: Bytes, templates: { groth16: string }, logger?: Logger): Promise<string>
  }
}
