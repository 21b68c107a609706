import type { Catalogue } from '../say.ts'

/** Service nodes and their archives. */
export const node: Catalogue = {
  'set up, run and watch a service node of your own, or look at those of the network':
    '设置、运行和观察自己的服务节点，或查看网络中的节点',
  'say what each key needs at the present price of gas, what traffic pays for it, and what can be lost. Sends nothing':
    '说明按当前燃料价格每个密钥需要多少、多少流量可以抵偿、可能损失什么。不发送任何内容',
  'by the configuration of `node init`, with the least stake': '按 `node init` 的配置和最低质押',
  'a coin is worth 2500 tokens, the machine costs 20 a month': '一个燃料币值 2500 代币，机器每月花费 20',
  'stake to plan for (default: the least)': '计划的质押（默认：最低）',
  'days for which the node key shall have gas': '节点密钥的燃料应够用的天数',
  'transactions that the node sends in a day': '节点一天发送的交易数',
  'what one coin is worth; needed to compare costs with income': '一个燃料币值多少代币；用于比较成本与收入',
  'what the machine costs a month': '机器每月的花费',
  "the node's folder (default: TEAHOUSE_NODE_DIR, or node)":
    '节点的文件夹（默认：TEAHOUSE_NODE_DIR，否则为 node）',
  'make a folder with a configuration and an encrypted node key; asks on a terminal what no option says. Sends nothing':
    '建立含配置和加密节点密钥的文件夹；选项未说明的会在终端询问。不发送任何内容',
  asks: '会询问',
  'asks for nothing': '什么都不问',
  'on the local network, with a membership of its own': '在本地网络上，带有自己的会员资格',
  'income goes elsewhere': '收入去往别处',
  'name or address by which others reach the node': '他人连接节点所用的名称或地址',
  'port for TCP; WebSocket takes the next one': 'TCP 端口；WebSocket 使用下一个端口',
  'port of the HTTP API, on this machine only': 'HTTP 接口端口，仅限本机',
  'what the node is for: docs/profiles.md': '节点的用途：docs/profiles.md',
  'what a store query costs': '一次存储查询的价格',
  'requests that everybody has free in a minute': '每人每分钟的免费请求数',
  'messages an epoch of a membership of its own, for what people push without a proof; 0 for none':
    '节点自己的会员资格每时段的消息数，用于他人不带证明推送的消息；0 表示没有',
  'where the income goes (default: the owner)': '收入去往何处（默认：所有者）',
  'endpoint of the chain; may be given several times': '链的端点；可多次给出',
  'file with the passphrase of the node key (default: TEAHOUSE_NODE_PASSPHRASE_FILE, TEAHOUSE_NODE_PASSPHRASE, or asked for)':
    '含有节点密钥口令的文件（默认：TEAHOUSE_NODE_PASSPHRASE_FILE、TEAHOUSE_NODE_PASSPHRASE，或询问）',
  'sign with the key in this file (a web3 keystore, or 64 hex digits) instead of an account':
    '用此文件中的密钥（web3 密钥库或 64 位十六进制数字）代替账户签名',
  "add to the operator's own stake; the first time, also make the operator. Asks before it sends":
    '增加运营者自己的质押；首次时同时创建运营者。发送前会询问',
  'shows what it costs, and asks': '显示费用并询问',
  'more of it, from a cold key': '再增加一些，用冷密钥',
  'go on without asking': '不询问，直接继续',
  'announce the node on chain, give its key coins for gas, and join for it if it has a membership of its own':
    '在链上公告节点，给其密钥燃料币，若它有自己的会员资格则为其加入',
  'the node key shall have that many coins': '节点密钥应有这么多燃料币',
  'coins that the node key shall have at least (default: 0.01)': '节点密钥至少应有的燃料币（默认：0.01）',
  'run a service node until Ctrl-C or SIGTERM; logs JSON lines on standard output':
    '运行服务节点直到 Ctrl-C 或 SIGTERM；日志以 JSON 行写到标准输出',
  'what `node init` made; asks for the passphrase of its key': '`node init` 建立的节点；会询问其密钥的口令',
  'the configuration in force, secrets left out': '当前生效的配置，不含机密',
  'configuration; TEAHOUSE_* variables override it': '配置文件；TEAHOUSE_* 变量优先',
  'print the configuration and end': '输出配置后结束',
  "show how the network's nodes are (exit 1 if one gives no answer); with --dir, all about one's own":
    '显示网络中节点的状况（有节点不应答则以 1 退出）；加 --dir 显示自己节点的一切',
  "the network's": '网络的节点',
  'all that each node tells': '每个节点所说的一切',
  "one's own: peers, earnings, stake, and how many days are left of what":
    '自己的节点：对等节点、收入、质押，以及各项还剩多少天',
  'print one JSON object, with --watch one a line; notices and errors as JSON lines on standard error':
    '输出一个 JSON 对象，加 --watch 则每行一个；提示和错误以 JSON 行写到标准错误',
  'with --dir: again every two seconds until Ctrl-C': '与 --dir 同用：每两秒刷新，直到 Ctrl-C',
  'show what a node was credited and what its payee was paid on chain; of the first node if none is named':
    '显示节点记入的款项及其收款方在链上收到的款项；未指明则为第一个节点',
  'by payer': '按付款方',
  'by payer and day, each payment with its transaction': '按付款方和日期，每笔付款附交易',
  'print all entries as CSV, amounts in the smallest unit': '以 CSV 输出所有条目，金额为最小单位',
  'look at endpoints, clock, keys, disk, stake, gas, ports and reachability, and say what to do; exit 1 if something is wrong':
    '检查端点、时钟、密钥、磁盘、质押、燃料、端口和可达性，并说明该做什么；有问题则以 1 退出',
  'before the first start, and whenever something is odd': '首次启动之前，以及有异常时',
  'replace the node key or the payee; stake, id and good standing stay':
    '更换节点密钥或收款方；质押、编号和信誉不变',
  'make a new node key, name it on chain, and put it in the place of the old one, whose coins go to it. The node must be stopped':
    '生成新的节点密钥，在链上登记，并取代旧密钥（其燃料币转给新密钥）。节点必须已停止',
  'shows what it costs, and asks; run it again after an interruption': '显示费用并询问；中断后再次运行',
  'have the income go elsewhere from now on. The node must be stopped, and have collected all vouchers':
    '从现在起让收入去往别处。节点必须已停止，并已兑现所有凭单',
  'where the income goes': '收入去往何处',
  'write what must not be lost into a file, encrypted: configuration, keys, vouchers, leases, roots. The node must be stopped':
    '把不可丢失的内容加密写入文件：配置、密钥、凭单、租约、根。节点必须已停止',
  'under the passphrase of the node key; the archive: teahouse store export':
    '用节点密钥的口令加密；档案用：teahouse store export',
  'make the folder of a node from a backup. It signs nothing that the node may have signed otherwise since':
    '用备份重建节点的文件夹。它不会签署节点此后可能已另行签署的内容',
  'the old node must be gone': '旧节点必须已不存在',
  "take over the node's own membership; two nodes that use one lose its deposit":
    '接管节点自己的会员资格；两个节点共用一份会失去押金',
  'take the announcement back, serve on for a while, then refuse new work, collect all vouchers, and stop the node':
    '撤回公告，继续服务一段时间，然后拒绝新工作、兑现所有凭单并停止节点',
  'serves on for three epochs: until no account counts on it any more':
    '继续服务三个时段：直到没有账户再依赖它',
  'at once': '立即',
  'how long to serve on (default: three epochs)': '继续服务多久（默认：三个时段）',
  'start moving stake out; it can be slashed until it has thawed and is withdrawn. Asks before it sends':
    '开始移出质押；在解冻并取走之前仍可被罚没。发送前会询问',
  'all of it; takes the announcement back too': '全部；同时撤回公告',
  'a part': '一部分',
  'tokens (default: all)': '代币数量（默认：全部）',
  'take what has thawed and what membership fees have brought. What vouchers bring goes to the payee by itself':
    '取走已解冻的部分和会员费收入。凭单的收入会自动归收款方',
  'shows what there is, and asks': '显示有什么并询问',
  'stays until all has thawed': '一直等到全部解冻',
  'go on when something has thawed': '有内容解冻后继续',
  "export, import and verify a node's archive": '导出、导入和校验节点的档案',
  'write all messages into a file, which appears when it is whole': '把所有消息写入文件，完整后才出现',
  'also while the node runs': '节点运行时也可以',
  'password from PGPASSWORD': '密码取自 PGPASSWORD',
  "the node's data folder": '节点的数据文件夹',
  'the PostgreSQL database instead': '改用 PostgreSQL 数据库',
  'take the messages of a file in; run it again to go on after a stop':
    '导入文件中的消息；停止后再次运行即可继续',
  'the file is checked first, proofs are not': '先校验文件，但不校验证明',
  'check every hash of an archive, or an export to its end': '校验档案的每个哈希，或把导出文件校验到底',
  'no other node uses its membership any more, and none will': '没有其他节点再使用它的会员资格，以后也不会',
  'forget messages at the node, and see what it has forgotten': '让节点忘记消息，并查看它忘记了什么',
  'remove a message from the running node, for good: it is given to nobody and not taken in again. Other nodes keep it':
    '从运行中的节点永久移除一条消息：不再给任何人，也不再收入。其他节点仍保留它',
  'by its message hash': '按消息哈希',
  'one that has not come yet: it is not taken in': '尚未到来的消息：不再收入',
  'also a hash of which the node has no message': '即使节点没有这个哈希的消息',
  'show the newest hundred messages that the running node has forgotten, and by whose order':
    '显示运行中的节点最近忘记的一百条消息，以及按谁的要求',
  'everybody can see the same, over the API': '人人都可以通过接口看到同样的内容',
}
