const COMMENT_OR_TEXT = /"(?:[^"\\]|\\.)*"|\/\/[^\n\r]*/g

/** Parses JSON that may have `//` comments to the end of a line. Throws SyntaxError, at the same place as without them. */
export function parseCommentedJson(text: string): unknown {
  return JSON.parse(text.replace(COMMENT_OR_TEXT, (found) => (found.startsWith('"') ? found : blank(found))))
}

const blank = (comment: string): string => ' '.repeat(comment.length)
