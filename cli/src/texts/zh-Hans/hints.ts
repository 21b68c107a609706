import type { Catalogue } from '../say.ts'

/** What to do about an error. */
export const hints: Catalogue = {
  'Start the node, and stop it with: teahouse node drain. They pay the present payee only':
    '请启动节点，再用 teahouse node drain 停止它。凭单只付给现在的收款方',
  'Start a network in another terminal first: npm start': '请先在另一个终端启动网络：npm start',
  'No node serves this now; see: teahouse node status': '现在没有节点提供此服务；见：teahouse node status',
  'The node is announced on chain but gives no answer; see: teahouse node status':
    '该节点已在链上公告，但没有应答；见：teahouse node status',
  'Give an operator id such as 1, or a peer id; see: teahouse node status':
    '请给出运营者编号（例如 1）或对等节点编号；见：teahouse node status',
  'Give another file with --network, or start the network anew: npm start':
    '用 --network 给出另一个文件，或重新启动网络：npm start',
  'Make one: teahouse account new': '创建一个：teahouse account new',
  'Choose another name with --account NAME, or go on with it: teahouse account fund':
    '用 --account 名字 另选一个名字，或继续使用它：teahouse account fund',
  'Join first: teahouse membership join': '请先加入：teahouse membership join',
  'See: teahouse membership status': '见：teahouse membership status',
  'Wait for the next epoch; see: teahouse membership status':
    '请等到下一个时段；见：teahouse membership status',
  'Nothing is lost: send again when these nodes answer; see: teahouse node status':
    '没有丢失任何内容：等这些节点应答后重新发送；见：teahouse node status',
  "Set this machine's clock right, best from the network, then send again":
    '请校准本机时钟（最好通过网络），然后重新发送',
  'Wait until the RPC endpoint has caught up, or use another one': '请等 RPC 端点追上，或换一个端点',
  'No node serves light push on this network; see: teahouse node status':
    '此网络上没有节点提供轻推送；见：teahouse node status',
  'Send it again, as a new message: teahouse send': '请作为新消息重新发送：teahouse send',
  'On the local network: teahouse account fund': '在本地网络上：teahouse account fund',
  'Two operators have to answer; see: teahouse node status': '必须有两个运营者应答；见：teahouse node status',
  'The answers are kept as evidence. Try again: whoever was alone is not asked':
    '这些回答已留作证据。请重试：不会再询问孤立的一方',
  'Use an RPC endpoint, and an account with coins': '请使用 RPC 端点和带有燃料币的账户',
  'The reasons stand above; try again later, or with an RPC endpoint and coins':
    '原因见上；请稍后再试，或使用 RPC 端点和燃料币',
  'Look later whether it came: nothing is done twice by trying again':
    '请稍后查看是否已到：重试不会把任何事做两遍',
  'Only the local network gives coins away': '只有本地网络会赠送燃料币',
  'The free requests are used up; add --pay, and --max to set a limit':
    '免费请求已用完；加 --pay，并用 --max 设上限',
  'Allow more with --max, or ask another node with --node': '用 --max 允许更多，或用 --node 询问另一个节点',
  'Ask another node with --node; pay this one no more': '用 --node 询问另一个节点；不要再付给这个节点',
  'The record of vouchers is incomplete; try again after the node has settled on chain':
    '凭单记录不完整；等节点在链上结算后再试',
  'Another teahouse command of this account is at work; wait for it':
    '此账户的另一条 teahouse 命令正在运行；请等它结束',
  'Remove the damaged file; it is made anew': '请删除损坏的文件；它会重新生成',
  'Give the file of the deployment with --file, or use a newer release':
    '用 --file 给出部署的文件，或使用更新的版本',
  'Use a newer release of teahouse': '请使用更新版本的 teahouse',
  'A key file holds 0x and 64 hex digits, like the owner.key of an operator':
    '密钥文件含有 0x 和 64 位十六进制数字，如运营者的 owner.key',
  'The reasons stand above; run the same command again later': '原因见上；稍后再次运行同一条命令',
  'Look at the hash; --ahead refuses also a message that the node does not have yet':
    '请核对哈希；--ahead 也拒收节点尚未拥有的消息',
  'Make one: teahouse node init. Or name it with --dir or TEAHOUSE_NODE_DIR':
    '建立一个：teahouse node init。或用 --dir 或 TEAHOUSE_NODE_DIR 指明',
  'Name another folder with --dir, or go on with this one: teahouse node stake':
    '用 --dir 指明另一个文件夹，或继续使用这个：teahouse node stake',
  'Put it back from a backup: teahouse node restore': '请从备份恢复：teahouse node restore',
  'Put it into a file and name that with --passphrase-file or TEAHOUSE_NODE_PASSPHRASE_FILE, or run this on a terminal':
    '把它写入文件并用 --passphrase-file 或 TEAHOUSE_NODE_PASSPHRASE_FILE 指明，或在终端上运行',
  'Run it on a terminal and answer y, or add --yes': '在终端上运行并回答 y，或加 --yes',
  'Stake first: teahouse node stake': '请先质押：teahouse node stake',
  'Stop it first: teahouse node drain': '请先停止它：teahouse node drain',
  'Start it: teahouse node run': '启动它：teahouse node run',
  'What to do stands beside each of them': '每一项旁边写明了该做什么',
  'Act for the owner: --account NAME or --owner-key FILE':
    '请以所有者身份操作：--account 名字 或 --owner-key 文件',
  'Correct "operatorId" in the configuration, or stake first: teahouse node stake':
    '请更正配置中的 "operatorId"，或先质押：teahouse node stake',
  'Add to it: teahouse node stake AMOUNT': '请增加质押：teahouse node stake 数量',
  'See: teahouse node status': '见：teahouse node status',
  'Give the dataDir of the node that has the archive; its first start makes it':
    '请给出拥有档案的节点的 dataDir；它在首次启动时建立',
  'The file is not whole; export it, or copy it, again': '文件不完整；请重新导出或重新复制',
  'Nothing was changed; export it, or copy it, again': '没有改动任何内容；请重新导出或重新复制',
  'Check spelling and order of the words': '请检查单词的拼写和顺序',
  'See: teahouse chat contacts, teahouse chat requests': '见：teahouse chat contacts、teahouse chat requests',
  'See: teahouse chat log NAME': '见：teahouse chat log 名字',
  'Write more of the id; see: teahouse chat log NAME': '请写出更多的编号；见：teahouse chat log 名字',
  'See: teahouse chat requests, teahouse chat accept': '见：teahouse chat requests、teahouse chat accept',
  'Write more of the name; see: teahouse chat contacts': '请写出更多的名字；见：teahouse chat contacts',
  'Choose another name with --name NAME': '用 --name 名字 另选一个名字',
  'Copy the card whole, as printed by: teahouse chat card': '请完整复制 teahouse chat card 输出的名片',
  'It leaves once the other one has been online: teahouse chat listen':
    '对方上线后就会发出：teahouse chat listen',
  'Take it back: teahouse chat block NAME --undo': '撤销屏蔽：teahouse chat block 名字 --undo',
  'All words of a phrase are of one list: look at those of the other language again':
    '助记词的所有单词都来自同一个词表：请再看看另一种语言的单词',
  'Put it into a file and name that in TEAHOUSE_PASSPHRASE_FILE, or run this on a terminal. For tests: --no-passphrase':
    '把它写入文件并在 TEAHOUSE_PASSPHRASE_FILE 中指明，或在终端上运行。仅供测试：--no-passphrase',
  'Try again. If it is lost: teahouse account restore --account NAME, with the phrase':
    '请重试。如果口令丢失：teahouse account restore --account 名字，用助记词',
  'The file named in TEAHOUSE_PASSPHRASE_FILE holds the passphrase and nothing else':
    'TEAHOUSE_PASSPHRASE_FILE 指明的文件只含口令，别无其他',
  'Try again later, or write a file: teahouse account backup FILE':
    '请稍后再试，或写成文件：teahouse account backup 文件',
  'Name a file with it: --backup-passphrase FILE': '请指明含有口令的文件：--backup-passphrase 文件',
  'Give the account, persona and passphrase that it was made with': '请给出制作时所用的账户、身份和口令',
  'Compare it with what the friend has written down': '请与朋友记下的内容核对',
  'Ask another friend': '请再问一位朋友',
  'Add the shares of other friends: with more of them the wrong one is found':
    '请加入其他朋友的份额：份额更多时可以找出错误的那一份',
  'Copy the whole reference, from teahouse:file/ to its end': '请完整复制引用，从 teahouse:file/ 到末尾',
  'Run the same command again later, or with fewer --copies; what is stored is not paid for again':
    '稍后再次运行同一条命令，或减少 --copies；已存放的不会再次付费',
  'Try again later: a node that has it may be away': '请稍后再试：拥有它的节点可能暂时离线',
  'Copy the whole link, from teahouse:invite/ to its end': '请完整复制链接，从 teahouse:invite/ 到末尾',
  'Ask for another invitation': '请索要另一份邀请',
  'Copy it whole, as written by: teahouse court export': '请完整复制 teahouse court export 写出的内容',
  'See: teahouse court status': '见：teahouse court status',
  'See: teahouse court evidence': '见：teahouse court evidence',
  'Check the id; it is printed by: teahouse deal open. After an interruption: teahouse deal status':
    '请检查编号；它由 teahouse deal open 输出。中断之后：teahouse deal status',
  'The message is kept, but nodes take it for 20 s only: teahouse resend. Later, send it anew':
    '消息已保存，但节点只在 20 秒内接收它：teahouse resend。之后请重新发送',
  'See: teahouse chat blocks list': '见：teahouse chat blocks list',
  'Check the id; it is printed by: teahouse deal offer. After an interruption: teahouse deal status':
    '请检查编号；它由 teahouse deal offer 输出。中断之后：teahouse deal status',
  'Ask for it again, or copy it whole: teahouse deal offer prints it':
    '请再次索要，或完整复制：由 teahouse deal offer 输出',
  'Ask for it again, or copy it whole: teahouse deal accept prints it':
    '请再次索要，或完整复制：由 teahouse deal accept 输出',
  'The description of the network names no contract that judges such deals':
    '网络描述中没有判定此类交易的合约',
  'Copy the whole link, from ethereum: to its end': '请完整复制链接，从 ethereum: 到末尾',
  'Ask for a link of this network: teahouse pay link': '请索要此网络的链接：teahouse pay link',
  'Try again when the contact has been online': '请等联系人上线之后再试',
  'Run the same command again: it pays nothing twice, and offers a higher fee after some blocks':
    '请再次运行同一条命令：不会重复付款，并在若干区块之后提高费用',
  'See: teahouse pay history. If it is another one: the same command with --again':
    '见：teahouse pay history。若是另一笔：同一条命令加 --again',
  'See: teahouse pay history': '见：teahouse pay history',
  'See: teahouse pay history. Without a receipt, pay the address that it came from':
    '见：teahouse pay history。没有收据时，请付给来款的地址',
  'Copy the whole link, from teahouse:envelope/ to its end': '请完整复制链接，从 teahouse:envelope/ 到末尾',
  'If it was only just made, try again': '如果刚刚发出，请重试',
  'See: teahouse envelope status': '见：teahouse envelope status',
  'What went wrong stands above': '出错的原因见上',
}
