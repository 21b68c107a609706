import { artifacts, memberAt } from '../circuits/support/rln.ts'
import { circuitInput } from '@teahouse/protocol/rln'
import { createProvingCore } from '../../protocol/src/rln/proving/core.ts'
import { slotFinisher, encodeSlot, decodeSlot, SLOT_BYTES } from '../../protocol/src/rln/proving/slot.ts'
import { groth16 } from 'snarkjs'
const cpu=async(l:string,f:()=>any)=>{const c=process.cpuUsage(),t=performance.now();const r=await f();const d=process.cpuUsage(c);console.log(l,'cpu',((d.user+d.system)/1e3).toFixed(1),'wall',(performance.now()-t).toFixed(1));return r}
const core=await cpu('load',()=>createProvingCore(artifacts))
const {input}=memberAt(5)
const go=async()=>{}
const verify=async(p:any)=>groth16.verify(artifacts.vkey,[p.y,p.root,p.nullifier,p.x,p.externalNullifier].map(String),{pi_a:[...p.proof.a.map(String),'1'],pi_b:[...p.proof.b.map((v:any)=>v.map(String)),['1','0']],pi_c:[...p.proof.c.map(String),'1'],protocol:'groth16',curve:'bn128'})
for(let i=0;i<4;i++){const p=await cpu('prove',()=>core.prove(circuitInput({...input,messageId:i,x:BigInt(1000+i)}) as any,go));console.log(p.path,await verify(p))}
const fin=await slotFinisher()
for(let i=0;i<3;i++){const s=await cpu('prepare',()=>core.prepare(circuitInput({...input,messageId:i+4}) as any,go));const enc=encodeSlot(s);const p=await cpu('finish',()=>fin.finish(decodeSlot(enc),77777777n+BigInt(i)));console.log(enc.length,SLOT_BYTES,await verify(p))
for(let k=0;k<5;k++)await cpu('finish',()=>fin.finish(decodeSlot(enc),77777777n+BigInt(i)))}
console.log(core.counters)
for(let i=0;i<3;i++)await cpu("snarkjs",()=>(groth16 as any).fullProve(circuitInput(input) as any,artifacts.wasm,artifacts.zkey))
process.exit(0)
