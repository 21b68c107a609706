export const HOW_TO_JOIN = `
The network stays up until Ctrl-C. From another terminal, in this folder:

  npx teahouse account new --if-missing
  npx teahouse membership join
  npx teahouse listen /my-table/1/chat/utf8        (in a terminal of its own)
  npx teahouse send /my-table/1/chat/utf8 "Hello"
  npx teahouse history /my-table/1/chat/utf8
  npx teahouse node status
  npx teahouse --help
`
