import type { Catalogue } from '../say.ts'

/** Deals, courts, files, and the way out. */
export const market: Catalogue = {
  'trade through the escrow, with an arbiter for disputes': '通过托管交易，争议由仲裁人裁决',
  'agree to terms as the payer and lock the amount': '作为付款方同意条款并锁定金额',
  'hold the receipts for messages against what nodes signed of their hours; what is missing becomes evidence':
    '把消息收据与节点对相应小时签署的内容核对；遗漏的成为证据',
  'ten minutes after the end of an hour its root is signed': '一小时结束十分钟后签署它的根',
  'have the node sign that it keeps it; it learns your address: court check':
    '让节点签署它会保存；它会得知你的地址：court check',
  'who delivers': '由谁交付',
  'who rules on a dispute': '由谁裁决争议',
  'tokens to lock': '锁定的代币',
  'time to deliver (default: 1h)': '交付期限（默认：1h）',
  'time after it to call the arbiter (default: 1h)': '此后可提请仲裁的期限（默认：1h）',
  'time that the arbiter then has (default: 1h)': '仲裁人的裁决期限（默认：1h）',
  "the payee's share if the arbiter is silent (default: 50)": '仲裁人沉默时收款方所得的百分比（默认：50）',
  'what a ruling costs, out of the amount (default: 0)': '裁决的费用，从金额中扣除（默认：0）',
  'payer: pay everything to the payee': '付款方：全额付给收款方',
  'id, as printed by deal open': '编号，由 deal open 输出',
  'payee: give everything back to the payer': '收款方：全额退还付款方',
  'either party: call the arbiter': '任一方：提请仲裁',
  'anyone, once the last window is over: the outcome that the terms foresee':
    '任何人，最后期限过后：按条款预定的结果了结',
  'arbiter: split a disputed deal; what the payee and the arbiter do not get goes to the payer':
    '仲裁人：分割有争议的交易；收款方和仲裁人未得的部分归付款方',
  id: '编号',
  'tokens for the payee': '给收款方的代币',
  'both parties: close by a split that both sign; without --signature prints yours for the other party':
    '双方：按共同签署的分割了结；不带 --signature 时输出你的签名供对方使用',
  'prints a signature to hand over': '输出可交给对方的签名',
  "the other party's signature": '对方的签名',
  'show the terms of a deal and how it stands; without an id, those whose opening was interrupted':
    '显示交易的条款和状态；不带编号时显示开启被中断的交易',
  'what was to be opened when a command or a connection broke off': '命令或连接中断时正要开启的交易',
  'hold nodes to what they promised to keep': '要求节点兑现其保存承诺',
  'show the receipts that are kept, or how one stands before the court':
    '显示保存的收据，或某张收据在法庭上的状态',
  'of one that somebody handed over': '别人交来的一张',
  'take in a receipt that somebody handed over, if stake stands behind it':
    '收下别人交来的收据，前提是有质押支持',
  'write a receipt into a file, for whom it is handed to': '把收据写入文件，以便交给他人',
  "the receipt's client: ask the node for a part of what it keeps":
    '收据的客户：要求节点出示其保存内容的一部分',
  'says what bond it takes; sends nothing': '说明所需保证金；不发送任何内容',
  'the bond comes back unless the node answers': '除非节点作答，保证金会退还',
  'file with a receipt, or the id of one that is kept': '收据文件，或已保存收据的编号',
  'send the transaction': '发送交易',
  'show the part that was drawn, by hand; a node does this by itself': '手动出示被抽中的部分；节点会自动完成',
  'what the receipt is about': '收据所涉的内容',
  'take a challenge a step further: draw, let it lapse, or convict the node that was silent':
    '推进一次质询：抽签、任其失效，或判罚沉默的节点',
  'run it again when court status says so': 'court status 提示时再次运行',
  "the operator's owner or node key: end a promise early, for a penalty":
    '运营者的所有者或节点密钥：支付罚金提前终止承诺',
  'says what it costs; sends nothing': '说明费用；不发送任何内容',
  'the content has to stay until the notice has run out': '通知期满之前内容必须保留',
  'show what was gathered that convicts nodes, or submit it': '显示收集到的足以判罚节点的证据，或提交它',
  'the reward is yours': '奖励归你',
  'give it to the archive court': '提交给档案法庭',
  'keep files at nodes, sealed, for a paid time': '把加密文件存放在节点上，按时间付费',
  'store a file; the same command goes on with an upload that was cut off, and pays nothing twice':
    '存放一个文件；上传中断后用同一条命令继续，不会重复付费',
  'for a week at two nodes; prints the reference': '在两个节点存放一周；输出引用',
  'at these operators': '在这些运营者处',
  "pay if the nodes ask, at their offers' prices": '节点要求付费时，按其报价支付',
  'the most to pay in all, in tokens (default: 10)': '总共最多支付多少代币（默认：10）',
  'keep it for so many days': '保存这么多天',
  'nodes that keep each part': '保存每一部分的节点数',
  'operator id or peer id of a node to use; may be repeated':
    '要使用的节点的运营者编号或对等节点编号；可重复',
  'fetch a file, checked part by part; it appears when it is whole': '取回文件，逐块校验；完整后才出现',
  'where to write it; must not be there': '写到哪里；不得已存在',
  'have a file kept for so many days from now; only the added time is paid for':
    '让文件从现在起再保存这么多天；只为增加的时间付费',
  'keep it for so many days from now': '从现在起保存这么多天',
  'find and withdraw everything that the contracts of a deployment hold for an account, by the chain alone':
    '仅凭链上数据，找出并取回某次部署的合约为账户持有的一切',
  'what the present network holds; sends nothing': '当前网络持有的内容；不发送任何内容',
  'take what can be taken now; run it again for the rest': '取走现在能取的；其余的再次运行',
  'stay until all of it has thawed and is taken': '一直等到全部解冻并取走',
  "an operator's stake": '运营者的质押',
  'an old deployment': '一次旧的部署',
  'id of a deployment (default: that of the network description)': '部署的编号（默认：网络描述中的部署）',
  'record of a deployment that this release does not know': '本版本不认识的部署的记录文件',
  "JSON-RPC endpoint of the deployment's chain": '部署所在链的 JSON-RPC 端点',
  'act for the private key in this file instead of an account': '用此文件中的私钥代替账户',
  'close open deals at once: what you pay is released, what you would get is refunded':
    '立即了结未完成的交易：你付的款被放行，你应得的款被退还',
  'only show; the default without --yes': '只显示；没有 --yes 时的默认行为',
  'send the transactions': '发送交易',
  'with --yes: go on when something has thawed': '与 --yes 同用：有内容解冻后继续',
  'delivery within an hour': '一小时内交付',
  '12.5 tokens to the payee': '12.5 个代币给收款方',
  'closes, with the signature of the other party': '凭对方的签名了结',
  'show the receipts that are kept, a page at a time, or how one stands before the court':
    '分页显示保存的收据，或某张收据在法庭上的状态',
  'which page': '第几页',
  'receipts of a page': '每页的收据数',
  'the next hundred': '接下来的一百张',
  'compare nodes: their prices, what they did for this account, and how much each is asked':
    '比较节点：价格、为本账户所做的事，以及各自被询问的份额',
  'what is bought': '购买的服务',
  'for queries of stored messages': '用于查询存储的消息',
  'for files': '用于文件',
}
