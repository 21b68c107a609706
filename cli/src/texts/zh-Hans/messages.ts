import type { Catalogue } from '../say.ts'

/** Membership and messages on topics. */
export const messages: Catalogue = {
  'join the network as a member who may send': '加入网络，成为可以发送消息的会员',
  'register on chain for one term; takes a deposit, returned on leaving, and a fee':
    '在链上登记一个期限；需要押金（离开时退还）和费用',
  'up to 20 messages an epoch': '每个时段最多 20 条消息',
  'more of them; the fee goes to operator 2': '更多消息；费用归运营者 2',
  'messages an epoch': '每个时段的消息数',
  'id of the operator who gets the fee; 0 burns it (default: whose node sends it, or nobody)':
    '收取费用的运营者编号；0 表示销毁（默认：代发节点的运营者，否则无人）',
  'show whether this account may send, how much in this epoch, and until when':
    '显示本账户能否发送、本时段还能发多少、到何时为止',
  'add a term to the membership; takes the fee': '把会员资格延长一个期限；需要费用',
  'leave at once; the deposit can be withdrawn after the exit delay': '立即离开；退出等待期过后可取回押金',
  'take the deposit back, an exit delay after leaving': '离开并过了退出等待期后，取回押金',
  'send a message with a proof of membership': '发送一条带会员证明的消息',
  'content topic: /application/version/name/encoding': '内容主题：/应用/版本/名称/编码',
  'the message, or - for standard input': '消息内容，或用 - 表示标准输入',
  'the text from standard input': '从标准输入读取文字',
  'by operator 2 and no other': '只经由运营者 2',
  "pay if the node asks, at its offer's price": '节点要求付费时，按其报价支付',
  'the most to pay in all, in tokens (default: 10, and a request 4 times what its operator announced on chain, but 1 at most; 0.01 if it announced nothing)':
    '总共最多支付多少代币（默认：10；每个请求不超过运营者在链上公布价格的 4 倍且至多 1；未公布则 0.01）',
  'operator id or peer id of the node to use': '要使用的节点的运营者编号或对等节点编号',
  'nodes relay it but keep no copy': '节点只转发，不留副本',
  'send what no node has acknowledged again, byte for byte; nodes take a message for 20 s':
    '把没有节点确认过的消息原样重发；节点只在 20 秒内接收一条消息',
  'pays for it if the node asks': '节点要求时为它付费',
  'print messages of a topic as they come, until Ctrl-C': '显示一个主题上到来的消息，直到 Ctrl-C',
  'content topic': '内容主题',
  'print one JSON object a message; on standard error {"listening": PEER_ID} once ready, and errors':
    '每条消息输出一个 JSON 对象；就绪后在标准错误输出 {"listening": PEER_ID} 以及错误',
  'end after so many messages': '收到这么多条后结束',
  'end after this time; exit 1 if --count was not reached': '到时结束；未达到 --count 则以 1 退出',
  'one message, or exit 1 after a minute': '一条消息，一分钟内没有则以 1 退出',
  'one JSON object a message': '每条消息一个 JSON 对象',
  'print the messages of a topic that a node has stored': '显示节点保存的某个主题的消息',
  'not older than this': '不早于此',
  'the newest so many': '最新的这么多条',
  'operator id or peer id of the node to ask': '要询问的节点的运营者编号或对等节点编号',
  'the newest ten of operator 3': '运营者 3 的最新十条',
  'pays by voucher if the node asks for it': '节点要求时用凭单支付',
}
