import type { Catalogue } from '../say.ts'

/** What the commands of operators answer, and say on their way. */
export const nodeResults: Catalogue = {
  '  {0}  ({1} gas)': '  {0}（燃料 {1}）',
  'This takes at most {0} coins and {1} tokens': '最多需要 {0} 个燃料币和 {1} 个代币',
  'This takes at most {0} coins': '最多需要 {0} 个燃料币',
  'This takes gas only': '只需要燃料',
  '  done: {0}, in {1}': '  完成：{0}，交易 {1}',
  'Go on? [y/N] ': '继续吗？[y/N] ',
  '  done: {0} ({1}), in {2}': '  完成：{0}（{1}），交易 {2}',
  'Wrote    {0} into {1}, under the passphrase of the node key': '已将 {0} 写入 {1}，用节点密钥的口令加密',
  'Not in it: the archive (teahouse store export), and what the chain tells again':
    '其中不含：档案（teahouse store export），以及链上可重新得知的内容',
  'Restored {0} into {1}': '已将 {0} 恢复到 {1}',
  'The node will sign no roots of hours that had begun before it starts, grant no message ids of this epoch and the next,':
    '节点不会签署其启动之前已开始的小时的根，不会授予本时段和下一时段的消息编号，',
  'and {0}.': '并且{0}。',
  'lend proofs from the next epoch on': '从下一时段起代为证明',
  'not start with a membership of its own, unless restored with --adopt':
    '不会带着自己的会员资格启动，除非用 --adopt 恢复',
  'Two nodes with one key contradict each other and lose their stake: make sure that the old one is gone.':
    '两个节点共用一个密钥会互相矛盾并失去质押：请确保旧节点已不存在。',
  'Serves on until {0}; Ctrl-C leaves it to that': '继续服务至 {0}；按 Ctrl-C 则任其自行完成',
  'The node has stopped': '节点已停止',
  'All vouchers are collected': '所有凭单均已兑现',
  '{0} tokens of vouchers could not be collected; the next start tries again':
    '有 {0} 个代币的凭单未能兑现；下次启动会重试',
  'Folder   {0}': '文件夹　{0}',
  'Config   {0}': '配置　　{0}',
  'Node     {0}, encrypted in node.key.json': '节点　　{0}，加密保存在 node.key.json',
  'Peer id  {0}': '对等节点编号　{0}',
  'Owner    {0}': '所有者　{0}',
  'to be named with --account or --owner-key': '用 --account 或 --owner-key 指明',
  'Payee    {0}': '收款方　{0}',
  'Price    {0} tokens a store query': '价格　　每次存储查询 {0} 个代币',
  'Next: teahouse node plan, then teahouse node stake':
    '下一步：teahouse node plan，然后 teahouse node stake',
  'Operator {0}': '运营者　{0}',
  'Staked   {0} tokens': '质押　　{0} 个代币',
  'Thawing  {0} tokens, until {1}': '解冻中　{0} 个代币，至 {1}',
  'Next     teahouse node withdraw': '下一步　teahouse node withdraw',
  'Taken    {0}': '已取　　{0}',
  'Left     {0}': '剩余　　{0}',
  'Payee    {0} has {1} tokens': '收款方　{0} 有 {1} 个代币',
  '{0}{1}: ': '{0}{1}：',
  'Name or address by which others reach the node': '他人连接节点所用的名称或地址',
  'Profile ({0})': '用途（{0}）',
  'Price of a store query, in tokens': '一次存储查询的价格（代币）',
  'Messages an epoch of its own membership, 0 for none': '自己的会员资格每时段的消息数，0 表示没有',
  'Address that the income goes to': '收入去往的地址',
  '  {0}': '  {0}',
  '{0}, {1} tokens': '{0}，{1} 个代币',
  '{0}{1}': '{0}{1}',
  '{0}: {1} from {2} on': '{0}：{2} 起可{1}',
  'in good standing': '信誉良好',
  'not in good standing': '信誉不佳',
  ', announced': '，已公告',
  ', not announced': '，未公告',
  ', its node key works for another operator': '，其节点密钥为另一个运营者工作',
  ', {0} thawing': '，{0} 解冻中',
  ', {0} of others': '，他人委托 {0}',
  'Forgot   {0} messages{1}': '已忘记　{0} 条消息{1}',
  ', {0} names {1}': '，{0} 列有 {1} 条',
  '{0}  {1} credited, {2} collected': '{0}  记入 {1}，已兑现 {2}',
  '{0}  {1}  {2}{3}': '{0}  {1}  {2}{3}',
  ', before it came': '，在它到来之前',
  'Operator {0}  {1}  {2}': '运营者 {0}  {1}  {2}',
  'it takes too long': '用时太久',
  'nobody can be reached there': '那里连接不到',
  "what it says can't be read": '它所答的无法读取',
  'Nobody has paid yet': '还没有人付款',
  'none yet: teahouse node stake': '还没有：teahouse node stake',
  'Node     {0}, {1}, {2} coins': '节点　　{0}，{1}，{2} 个燃料币',
  'State    down: no answer at {0}': '状态　　停机：{0} 没有应答',
  'Payee    {0}, {1} tokens': '收款方　{0}，{1} 个代币',
  'State    {0}{1}; {2}, {3} peers, {4} of {5} shards':
    '状态　　{0}{1}；{2}，{3} 个对等节点，{5} 个分片中的 {4} 个',
  'Chain    block {0}, {1} members, {2}': '链　　　区块 {0}，{1} 个会员，{2}',
  'Rates    {0} B/s up, {1} B/s down, {2} messages accepted':
    '速率　　上行 {0} B/s，下行 {1} B/s，已接收 {2} 条消息',
  'Archive  {0} messages, {1} bytes on disk': '档案　　{0} 条消息，占用磁盘 {1} 字节',
  'Earned   {0} tokens by vouchers: {1} collected, {2} to come':
    '收入　　凭单 {0} 个代币：已兑现 {1}，待兑现 {2}',
  'Lost     {0} tokens: payers closed their channels before their vouchers were collected':
    '损失　　{0} 个代币：付款人在凭单兑现之前关闭了通道',
  'Stake    {0} tokens (at least {1}){2}; {3}': '质押　　{0} 个代币（至少 {1}）{2}；{3}',
  'Gas      {0} gwei at most': '燃料　　最高 {0} gwei',
  'Owner    {0} needs {1}{2}': '所有者　{0} 需要 {1}{2}',
  'not named yet': '尚未指明',
  'Node     {0} gets {1} of it: gas for {2} days of {3} settlements':
    '节点　　{0} 得到其中 {1}：够 {2} 天、每天 {3} 次结算的燃料',
  'Payee    {0} needs nothing': '收款方　{0} 不需要任何东西',
  'Stake    {0} is less than the {1} that serving takes': '质押　　{0} 少于提供服务所需的 {1}',
  'At worst {0} are lost: all stake slashed, the membership too, all gas spent':
    '最坏情况　损失 {0}：质押和会员资格全被罚没，燃料耗尽',
  'Back     the stake comes back {0} after teahouse node unstake':
    '取回　　teahouse node unstake 之后 {0} 质押返还',
  '{0} coins and {1} tokens': '{0} 个燃料币和 {1} 个代币',
  '{0} coins': '{0} 个燃料币',
  '{0} tokens': '{0} 个代币',
  '; has {0}': '；现有 {0}',
  'Settling a voucher costs {0} coins ({1} gas), {2} each if 25 go together':
    '结算一张凭单需 {0} 个燃料币（燃料 {1}），25 张一起则每张 {2}',
  'A day    costs {0}': '每天　　花费 {0}',
  'Income   to compare it with costs, say what a coin is worth: --coin-price TOKENS':
    '收入　　要与成本比较，请说明一个燃料币值多少：--coin-price 代币',
  'requests are free, so that nothing pays for it': '请求免费，因此没有收入抵偿',
  '{0} paid requests of {1} tokens': '{0} 次付费请求，每次 {1} 个代币',
  'Income   must be {0} tokens a day: {1}': '收入　　每天须有 {0} 个代币：{1}',
  'Vouchers of less than {0} tokens cost more than they bring: "payments.minimumSettlement": "{1}"':
    '少于 {0} 个代币的凭单得不偿失："payments.minimumSettlement": "{1}"',
  'The node does not look at gas; to collect nothing at a loss, tell it what a coin is worth: "payments.coinValue": "{0}"':
    '节点目前不看燃料费；为免亏本兑现，请告诉它一个燃料币值多少："payments.coinValue": "{0}"',
  'The node counts a coin as {0} tokens; to collect as soon as it pays, and not at a loss, tell it what one is worth: "payments.coinValue": "{1}"':
    '节点目前按一个燃料币值 {0} 个代币计算；为了一划算就兑现又不亏本，请告诉它实际值多少："payments.coinValue": "{1}"',
  'Operator {0} announces {1}': '运营者 {0} 公告 {1}',
  '  at     {0}': '  地址　{0}',
  'Next     teahouse node run --dir FOLDER; then teahouse node doctor':
    '下一步　teahouse node run --dir 文件夹；然后 teahouse node doctor',
  'Node     {0}, {1}': '节点　　{0}，{1}',
  'Before   {0}; its key stays in node.key.{1}.json': '之前　　{0}；其密钥保留在 node.key.{1}.json',
  'Next     teahouse node run': '下一步　teahouse node run',
  '  done: send the coins of the old node key to the new one, in {0}':
    '  完成：把旧节点密钥的燃料币转给新密钥，交易 {0}',
  'Before   {0}': '之前　　{0}',
  'Operator {0}{1}': '运营者　{0}{1}',
  ', made just now': '，刚刚创建',
  'Staked   {0} tokens (at least {1} to serve)': '质押　　{0} 个代币（提供服务至少 {1}）',
  'Next     teahouse node {0}': '下一步　teahouse node {0}',
  '  no answer: {0}': '  没有应答：{0}',
  '  {0} peers, block {1}, {2} members, {3} messages stored':
    '  {0} 个对等节点，区块 {1}，{2} 个会员，存有 {3} 条消息',
  '  {0} messages accepted; {1} tokens credited, {2} collected':
    '  已接收 {0} 条消息；已记入 {1} 个代币，已兑现 {2}',
  'Removed it from the archive': '已从档案中移除',
  'It was forgotten before': '此前已被忘记',
  'It was not in the archive': '它不在档案中',
  'The node gives it to nobody and does not take it in again; other nodes may have it':
    '节点不再把它给任何人，也不再收入；其他节点可能仍有它',
  'Nothing is forgotten': '没有忘记任何内容',
}
