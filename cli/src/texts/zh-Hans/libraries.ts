import type { Catalogue } from '../say.ts'

/** What the client and nodes say of steps, holdings and problems; by `recognised.ts`. */
export const libraries: Catalogue = {
  'announcement of operator {0}': '运营者 {0} 的公告',
  'delegation to operator {0} for service {1}': '对运营者 {0} 服务 {1} 的委托',
  'deposit for channels': '支付通道的存款',
  'channel to {0}': '通往 {0} 的通道',
  'challenge {0}, bond of {1} coins': '质询 {0}，保证金 {1} 个燃料币',
  'deposit of membership {0}': '会员 {0} 的押金',
  'stake of operator {0} for service {1}': '运营者 {0} 服务 {1} 的质押',
  'rest of envelope {0}': '红包 {0} 的余额',
  'fees of operator {0}': '运营者 {0} 的会员费',
  'fees of {0} memberships with operator {1}': '运营者 {1} 的 {0} 份会员费',
  'fees that former members owe operator {0}': '前会员欠运营者 {0} 的会员费',
  'fees to come to operator {0}': '运营者 {0} 将有的会员费',
  'payment that could not be made before': '此前未能付出的款项',
  'payment of {0} coins that could not be made before': '此前未能付出的 {0} 个燃料币',
  'deal {0} as {1}': '交易 {0}（身份：{1}）',
  advancer: '垫付方',
  'retire the node': '撤下节点',
  undelegate: '撤回委托',
  'withdraw the delegation': '取走委托',
  'withdraw it': '取走',
  'withdraw the deposit': '取回押金',
  'thaw the channel': '开始解冻通道',
  'close the channel': '关闭通道',
  'let the challenge lapse': '让质询失效',
  'convict the node': '判罚节点',
  'only who has the receipt can end it: it was challenged through another contract':
    '只有持收据者能结束它：质询是通过另一个合约发出的',
  leave: '离开',
  'thaw the stake': '开始解冻质押',
  'withdraw the stake': '取走质押',
  'take back what nobody claimed': '取回无人领取的部分',
  'take the rest back': '取回余额',
  'the operator is not in good standing': '该运营者信誉不佳',
  'its stake gives it no credit yet; try again later': '其质押尚无额度；请稍后再试',
  'claim the fees': '领取会员费',
  'claim what is owed': '领取欠款',
  'claim what waits': '领取待领款项',
  'close the deal': '结束交易',
  'take the offer back': '收回要约',
  'release the deal': '放款给对方',
  'refund the deal': '退款给对方',
  'close it as its terms foresee': '按条款结束交易',
  'allow {0} to take {1} tokens': '允许 {0} 取 {1} 个代币',
  'send {0} coins to the node key, for its gas': '给节点密钥 {0} 个燃料币，用作燃料',
  'announce the node': '公告节点',
  'create the operator': '创建运营者',
  'stake {0} tokens': '质押 {0} 个代币',
  'join for the node: {0} tokens of deposit, {1} of fee': '为节点加入：押金 {0} 个代币，费用 {1} 个',
  'take the announcement back': '撤回公告',
  'thaw {0} tokens': '开始解冻 {0} 个代币',
  'name {0} as node and {1} as payee': '登记 {0} 为节点、{1} 为收款方',
  'The node has not read yet who the members are, and refuses all messages.':
    '节点尚未读到会员名单，因此拒绝所有消息。',
  'Wait until it has caught up with the chain; if that takes long, look at CHAIN_AWAY and the log.':
    '请等它跟上链；若久未跟上，请看 CHAIN_AWAY 和日志。',
  'What the node read of the members does not fit the hash on chain, and it refuses all messages.':
    '节点读到的会员与链上的哈希不符，因此拒绝所有消息。',
  'An RPC endpoint tells falsehoods or leaves events out: set "rpcUrls" to another one and restart.':
    '有 RPC 端点作假或遗漏事件：请在 "rpcUrls" 中换一个并重启。',
  'The chain answers, but not about members: who joined or left lately is unknown, and those that joined are refused.':
    '链有应答，但问不到会员：不知道最近谁加入或离开，新加入的会被拒绝。',
  'Look in the log for what the "membership" listener postponed; an RPC endpoint may refuse logs ("eth_getLogs").':
    '请在日志中看 "membership" 监听推迟了什么；可能有 RPC 端点拒绝查询事件（"eth_getLogs"）。',
  'No RPC endpoint answers. Messages are relayed, kept and served; settlement waits.':
    '没有 RPC 端点应答。消息照常转发、保存和提供；结算推迟。',
  'Check "rpcUrls" and the way there; the node goes on asking by itself.':
    '请检查 "rpcUrls" 和通往那里的网络；节点会自行继续询问。',
  'The node is connected with nobody, so that what is published reaches nobody.':
    '节点没有连上任何节点，因此发布的内容到不了任何人。',
  'Check the network and "announce"; connect it with POST /admin/v1/peers.':
    '请检查网络和 "announce"；可用 POST /admin/v1/peers 连接。',
}
