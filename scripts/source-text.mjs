// Reads TypeScript just far enough to tell code from comments, strings and regular expressions, without a parser (TypeScript 7 has no
// API for one). It never judges: check-layers.mjs does.

/** Before a `/` that begins a regular expression: an operator, an opening bracket, or one of these words. */
const BEFORE_REGEX =
  /(?:^|[=(,:[!&|?{};<>+\-*%~^\n]|\b(?:return|typeof|case|in|of|void|delete|instanceof|do|else|await|yield))$/;
const TOKEN = /\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|'(?:\\[\s\S]|[^'\\\n])*'?|"(?:\\[\s\S]|[^"\\\n])*"?|[`/{}]/g;
const REGEX = /\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[a-z]*/y;
const TEMPLATE_PART = /(?:\\[\s\S]|\$(?!\{)|[^`\\$])*(`|\$\{|$)/y;

const blank = (text) => text.replace(/[^\n]/g, ' ');
/** Delimiters stay, so that what precedes a string in the code can still be seen. */
const hollow = (text) => (text.length < 2 ? text : text[0] + blank(text.slice(1, -1)) + text.at(-1));

/**
 * @returns {{code: string, strings: {start: number, value: string}[]}} `code`: as long as `text`, line for line, comments blank, strings
 *   and regular expressions hollow; the code inside a template's `${}` stays. `strings`: literals and templates without `${}`.
 */
export function sourceText(text) {
  const strings = [];
  let code = '';
  /** For each open brace: true when it is a template's `${`. */
  const braces = [];
  const template = (from) => {
    TEMPLATE_PART.lastIndex = from;
    const [part, end] = TEMPLATE_PART.exec(text);
    code += blank(part.slice(0, part.length - end.length)) + end;
    if (end === '${') braces.push(true);
    return { next: from + part.length, whole: end === '`', value: part.slice(0, part.length - end.length) };
  };
  let at = 0;
  while (at < text.length) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    code += text.slice(at, match?.index ?? text.length);
    if (match === null) break;
    const [token] = match;
    at = match.index + token.length;
    if (token.startsWith('//') || token.startsWith('/*')) code += blank(token);
    else if (token === '`') {
      const start = code.length;
      code += token;
      const part = template(at);
      if (part.whole) strings.push({ start, value: part.value });
      at = part.next;
    } else if (token === '{') {
      braces.push(false);
      code += token;
    } else if (token === '}') {
      code += token;
      if (braces.pop() === true) at = template(at).next;
    } else if (token === '/') {
      REGEX.lastIndex = match.index;
      const regex = BEFORE_REGEX.test(code.trimEnd()) ? REGEX.exec(text)?.[0] : undefined;
      code += regex === undefined ? token : hollow(regex);
      at = match.index + (regex ?? token).length;
    } else {
      strings.push({ start: code.length, value: token.slice(1, -1) });
      code += hollow(token);
    }
  }
  return { code, strings };
}

const IMPORTING =
  /(?:\bfrom|(?<![.\w$])import|(?<![.\w$])import\s*\(|(?<![.\w$])require(?:\.resolve)?\s*\(|\bgetBuiltinModule\s*\()$/;
const COMPUTED =
  /(?:(?<![.\w$])import\s*\(|(?<![.\w$])require\s*\(|\bgetBuiltinModule\s*\()(?!\s*(?:'[^']*'|"[^"]*"|`[ \n]*`)\s*[,)])/g;

/**
 * Everything by which a module reaches another one: import and export from (types too), `import 'x'`, `import('x')` as a call and as a
 * type, require.
 * @returns {{line: number, target: string | undefined}[]} target undefined: computed, so that nobody can say what it is.
 */
export function imports({ code, strings }) {
  const lineAt = (index) => code.slice(0, index).split('\n').length;
  const named = strings
    .filter(({ start }) => IMPORTING.test(code.slice(Math.max(0, start - 200), start).trimEnd()))
    .map(({ start, value }) => ({ line: lineAt(start), target: value }));
  const computed = [...code.matchAll(COMPUTED)].map(({ index }) => ({ line: lineAt(index), target: undefined }));
  return [...named, ...computed].sort((a, b) => a.line - b.line);
}
