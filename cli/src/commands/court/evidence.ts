import type { Session } from '../../session.ts'
import { counted } from '../../output.ts'
import { say } from '../../texts/say.ts'
import { showFault } from './show.ts'

const VERDICTS = { kept: say`kept: the message is in the root`, early: say`no root of its hour yet` }

export async function evidence(
  session: Session,
  _: readonly unknown[],
  { submit }: { submit?: string },
): Promise<void> {
  await session.withClient(async ({ courts }) => {
    if (submit !== undefined) {
      const tx = await courts.submit(submit)
      return session.output.result({ submitted: submit, ...tx }, [say`Convicted in ${tx.hash}`])
    }
    const found = await courts.evidence()
    const lines = found.map(showFault)
    session.output.result({ evidence: found }, [say`${counted(found.length, 'fault')} found`, ...lines])
  })
}

export async function check({ output, withClient }: Session): Promise<void> {
  const checked = await withClient(({ messageReceipts }) => messageReceipts.checkAll())
  const lines = checked.map((one) =>
    one.verdict === 'omitted'
      ? say`${one.id}  omitted: teahouse court evidence --submit ${one.evidence}`
      : say`${one.id}  ${VERDICTS[one.verdict]}`,
  )
  output.result({ checked }, lines.length > 0 ? lines : [say`No receipt for a message is kept`])
}
