import type { Catalogue } from '../say.ts'

/** The account. */
export const account: Catalogue = {
  'make, restore, show, keep and share accounts': '创建、恢复、查看、保管和分享账户',
  'make an account from a fresh seed phrase; on the local network also give it coins and tokens':
    '用新的助记词创建账户；在本地网络上还会给它燃料币和代币',
  'the account "default"': '账户 "default"',
  'a longer phrase, in Chinese': '更长的中文助记词',
  'goes on with the account if there is one, and funds it': '若账户已存在则继续使用，并为它充值',
  'another person from the same phrase': '同一助记词下的另一个身份',
  'leave the account file unencrypted: for development only': '不加密账户文件：仅供开发使用',
  'words of the phrase: 12 or 24': '助记词的词数：12 或 24',
  'its word list': '使用的词表',
  'go on with the account if there is one; its phrase is not shown again':
    '若账户已存在则继续使用；不会再次显示助记词',
  "don't ask the local network for coins": '不向本地网络索要燃料币',
  'make an account from a seed phrase on standard input; it can send at once, also beside another device: both share the messages of an epoch':
    '用标准输入中的助记词创建账户；可立即发送，也可与另一台设备并用：两者共用每个时段的消息额度',
  'reads the words, never shows them': '读取助记词，绝不显示',
  'and takes in what the backup holds': '并导入备份的内容',
  'take in this backup; the phrase is only asked for if there is no such account yet':
    '导入此备份；只有账户尚不存在时才需要助记词',
  'and takes in the backup that nodes keep of it': '并导入节点保存的备份',
  'take in the newest backup that nodes keep; asks the network': '导入节点保存的最新备份；会询问网络',
  'file with the passphrase that the backup was made with': '含有制作备份时所用口令的文件',
  'show address, chat identity and balances; never the phrase': '显示地址、聊天身份和余额；绝不显示助记词',
  'give an account coins for gas and tokens; on the local network only': '给账户燃料币和代币；仅限本地网络',
  tokens: '代币数量',
  'the usual amount': '通常的数额',
  '5000 tokens': '5000 个代币',
  'encrypt an account file that is not yet, or change its passphrase': '加密尚未加密的账户文件，或更换其口令',
  'asks for the passphrases': '会询问口令',
  'without asking': '不询问',
  'file with the passphrase that it shall have': '含有新口令的文件',
  'write what is worth keeping beside the phrase to an encrypted file; never what must not be used twice':
    '把助记词之外值得保存的内容写入加密文件；绝不包含不可重复使用的内容',
  'opens with the phrase': '用助记词即可打开',
  'is found with the phrase alone for 30 days; costs a message or a few':
    '30 天内只凭助记词即可找回；用掉一条或几条消息',
  'leave it, encrypted, with the nodes that store messages': '加密后留存在存储消息的节点上',
  'a new file': '一个新文件',
  'file with a passphrase that opening the backup needs, too': '含有口令的文件，打开备份时也需要它',
  'split the seed phrase into shares for friends to keep; so many of them bring it back, fewer say nothing':
    '把助记词拆成份额交给朋友保管；凑够指定的份数即可恢复，不够则毫无信息',
  'how many bring it back': '恢复所需的份数',
  'how many there are': '份额总数',
  'make an account from shares on standard input, one a line': '用标准输入中的份额创建账户，每行一份',
  'print one key of the account as an encrypted keystore that other programs read':
    '把账户的一个密钥输出为其他程序可读的加密密钥库',
  whose: '哪一种',
  'the Ethereum key (Web3 Secret Storage, version 3)': '以太坊密钥（Web3 Secret Storage 第 3 版）',
  "the membership (Waku's RLN keystore)": '会员资格（Waku 的 RLN 密钥库）',
  'print a link that makes the account a contact; with --gift also a paid membership: whoever has the link first has the gift':
    '输出一个把本账户加为联系人的链接；加 --gift 还附带已付费的会员资格：谁先拿到链接，礼物就归谁',
  'with a membership that can be claimed for a week': '附带一周内可领取的会员资格',
  'as the other will see you (default: the name of the account)': '对方看到的你的称呼（默认：账户名）',
  'pay for a membership, and the coins to claim it with': '为一份会员资格及领取所需的燃料币付费',
  'its messages an epoch': '它每个时段的消息数',
  'how long it can be claimed': '可领取的期限',
  'read an invitation on standard input, and claim the membership if one came with it':
    '从标准输入读取邀请，若附带会员资格则领取',
  'list the memberships that this account has given, or take back those that nobody has claimed':
    '列出本账户送出的会员资格，或收回无人领取的',
  'the links are worth nothing afterwards': '之后这些链接作废',
  'take unclaimed ones back': '收回无人领取的',
  'print the number that two people compare, or the code that one scans from the other':
    '输出供两人核对的号码，或供对方扫描的代码',
  "with another's chat identity": '用对方的聊天身份',
  'compare what was scanned': '核对扫描到的内容',
  'chat identity of the other, as in account show': '对方的聊天身份，见 account show',
  "the code on the other's screen": '对方屏幕上的代码',
  'opens with the phrase and the passphrase': '须用助记词和口令打开',
  'any two of three friends': '三位朋友中的任意两位',
  'never shows the phrase': '绝不显示助记词',
  'needs neither coins nor tokens': '不需要燃料币或代币',
}
