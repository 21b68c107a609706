import type { Catalogue } from '../say.ts'

/** What is wrong with an argument, and what a right one looks like. */
export const usage: Catalogue = {
  'Deployment {0} is on chain {1}': '部署 {0} 在链 {1} 上',
  'Name an endpoint of it: --rpc URL': '请指明它的端点：--rpc URL',
  'No endpoint of the chain of deployment {0} is known': '不知道部署 {0} 所在链的端点',
  'Name one: --rpc URL': '请指明一个：--rpc URL',
  'Coins come over an RPC endpoint only': '燃料币只能经由 RPC 端点获得',
  'Leave out --no-rpc': '请去掉 --no-rpc',
  '"{0}" is not a content topic': '"{0}" 不是内容主题',
  'A topic is /application/version/name/encoding, for example /my-table/1/chat/utf8':
    '主题的形式是 /应用/版本/名称/编码，例如 /my-table/1/chat/utf8',
  'An amount is in whole tokens with at most 6 decimals, for example 2.5':
    '金额以代币为单位，最多 6 位小数，例如 2.5',
  '"{0}" is not an amount': '"{0}" 不是金额',
  '"{0}" is not a duration': '"{0}" 不是时长',
  'A duration is a number and a unit, for example 90s, 15m, 2h or 7d':
    '时长是数字加单位，例如 90s、15m、2h 或 7d',
  '"{0}" is not a whole number from {1} to {2}': '"{0}" 不是 {1} 到 {2} 的整数',
  'Give a number, for example {0}': '请给出数字，例如 {0}',
  '"{0}" is not an address{1}': '"{0}" 不是地址{1}',
  ': its checksum is wrong, so a letter may be mistyped': '：校验和不对，可能有字母输错',
  'An address is 0x and 40 hex digits; see: teahouse account show':
    '地址是 0x 加 40 位十六进制数字；见：teahouse account show',
  '"{0}" is not the id of a deal': '"{0}" 不是交易编号',
  'A deal is 0x and 64 hex digits, as printed by: teahouse deal open':
    '交易编号是 0x 加 64 位十六进制数字，由 teahouse deal open 输出',
  '"{0}" is not a signature': '"{0}" 不是签名',
  'A signature is 0x and 130 hex digits': '签名是 0x 加 130 位十六进制数字',
  '"{0}" is not a share': '"{0}" 不是份额',
  'A share is a percentage from 0 to 100, for example 50': '份额是 0 到 100 的百分比，例如 50',
  '"{0}" is neither an operator id nor a peer id': '"{0}" 既不是运营者编号也不是对等节点编号',
  'See the ids with: teahouse node status': '查看编号：teahouse node status',
  '"{0}" is not a chat identity': '"{0}" 不是聊天身份',
  'A chat identity is 64 hex digits; see: teahouse account show':
    '聊天身份是 64 位十六进制数字；见：teahouse account show',
  '"{0}" is not an account name': '"{0}" 不是账户名',
  'A name has 1 to 32 of a-z, 0-9, - and _, for example alice':
    '名字由 1 到 32 个 a-z、0-9、- 和 _ 组成，例如 alice',
  '"{0}" is not the id of a deployment': '"{0}" 不是部署编号',
  'An id is 12 hex digits, like the name of a file in deployments/':
    '编号是 12 位十六进制数字，如 deployments/ 中的文件名',
  '"{0}" is not an HTTP endpoint': '"{0}" 不是 HTTP 端点',
  'For example https://rpc.example.org': '例如 https://rpc.example.org',
  '"{0}" is neither a name nor an address': '"{0}" 既不是名称也不是地址',
  'For example tea.example.org or 198.51.100.7': '例如 tea.example.org 或 198.51.100.7',
  'Standard input is longer than {0} bytes': '标准输入超过 {0} 字节',
  'Send a shorter text': '请发送更短的文字',
  'Nobody can dial {0}': '没有人能连接 {0}',
  'Name in "announce" what others are to dial, such as /dns4/tea.example.org/tcp/30304':
    '请在 "announce" 中写明他人应连接的地址，例如 /dns4/tea.example.org/tcp/30304',
  'A phrase has 12 or 24 words, not "{0}"': '助记词有 12 或 24 个词，而不是 "{0}"',
  'Try --words 24': '试试 --words 24',
  '"{0}" is not the id of a receipt': '"{0}" 不是收据编号',
  'Name one archive': '请指明一个档案',
  '--data-dir DIR or --postgres URL': '--data-dir 目录 或 --postgres URL',
  'This is no PostgreSQL address': '这不是 PostgreSQL 地址',
  'postgres://USER@HOST/DATABASE': 'postgres://用户@主机/数据库',
  'A node needs an RPC endpoint': '节点需要一个 RPC 端点',
  '--rpc https://rpc.example.org': '--rpc https://rpc.example.org',
  'Nothing says: {0}': '没有说明：{0}',
  'Give it as an option; see --help': '请用选项给出；见 --help',
  '"{0}" is no profile': '"{0}" 不是节点类型',
  'One of {0}; see docs/profiles.md': '应为 {0} 之一；见 docs/profiles.md',
  '"{0}" is no amount of coins': '"{0}" 不是燃料币数量',
  'For example 0.01': '例如 0.01',
  'A rotation of the node key is not finished': '节点密钥的更换尚未完成',
  'teahouse node rotate node': 'teahouse node rotate node',
  'Name one configuration': '请指明一份配置',
  '--dir FOLDER or --config FILE': '--dir 文件夹 或 --config 文件',
}
