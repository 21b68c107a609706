import type { Catalogue } from '../say.ts'

/** What all commands share, and what is said of a command line that can not be read. */
export const common: Catalogue = {
  'Talk, store and trade on a network of paid nodes.': '在由付费节点组成的网络上交谈、存储和交易。',
  '{0}: {1}': '{0}：{1}',
  'show the version': '显示版本',
  'show this help': '显示此帮助',
  'language of what people read: en or zh-Hans (default: the locale’s)':
    '界面语言：en 或 zh-Hans（默认：系统语言）',
  'account to act for (default: TEAHOUSE_ACCOUNT, or "default")':
    '以哪个账户操作（默认：TEAHOUSE_ACCOUNT，否则为 "default"）',
  'network description (default: the nearest .teahouse/local.json)':
    '网络描述文件（默认：最近的 .teahouse/local.json）',
  'ask nodes about the chain, and let them send what the account signs':
    '向节点询问链上状态，并由它们代发账户签署的内容',
  'print one JSON object; notices and errors as JSON lines on standard error':
    '输出一个 JSON 对象；提示和错误以 JSON 行写到标准错误',
  'choices: {0}': '可选：{0}',
  'default: {0}': '默认：{0}',
  'Usage:': '用法：',
  'Options:': '选项：',
  'Arguments:': '参数：',
  'Commands:': '命令：',
  'Examples:': '示例：',
  'display help for command': '显示某个命令的帮助',
  'an account with coins and tokens': '一个带有燃料币和代币的账户',
  'so that it may send': '使它可以发送消息',
  'so that others can write to you': '让别人可以给你写信',
  'in a terminal of its own': '在另一个终端里',
  'Exit codes: 0 done, 1 failed, 2 wrong command line.': '退出码：0 完成，1 失败，2 命令行有误。',
  'error: {0}': '错误：{0}',
  'paid: {0} tokens': '已付：{0} 个代币',
  'The result could not be written ({0})': '结果无法写出（{0}）',
  'hint: {0}': '提示：{0}',
  'Add --help to see what there is': '加上 --help 查看有哪些可用',
  'Name one of the commands': '请指明一个命令',
  "Unknown option '{0}'": "未知选项 '{0}'",
  "Unknown command '{0}'": "未知命令 '{0}'",
  "Missing required argument '{0}'": "缺少必需的参数 '{0}'",
  "Required option '{0}' not specified": "没有给出必需的选项 '{0}'",
  "Option '{0}' argument missing": "选项 '{0}' 缺少值",
  'Did you mean {0}?': '你是不是想用 {0}？',
  'There are no texts in "{0}"': '没有 "{0}" 这种语言的界面',
  'Languages are en and zh-Hans': '可用的语言是 en 和 zh-Hans',
}
