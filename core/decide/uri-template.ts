/**
 * Path templates (envoy.extensions.path.match.uri_template.v3, path.rewrite.uri_template.v3): segments that are literal, `*` (one segment),
 * `**` (any rest, last) or `{name}`, `{name=pattern}`. Made into one RE2 expression whose groups are the variables, in order.
 */
const LITERAL = "a-zA-Z0-9-._~%!$&'()+,;:@";
const SEGMENT = `[${LITERAL}]+`;
const REST = `[${LITERAL}/]*`;
const IS_LITERAL = new RegExp(`^[${LITERAL}]+$`);
const IS_REWRITE_LITERAL = new RegExp(`^[${LITERAL}/]+$`);
const MAX_VARIABLES = 5;
const MAX_NAME = 16;

export interface UriTemplate {
  /** RE2, for the whole path. */
  readonly regex: string;
  readonly variables: readonly string[];
}

/** The template; undefined when it is none. */
export function parseUriTemplate(text: string): UriTemplate | undefined {
  if (!/^\/[!-~]*$/.test(text)) return undefined;
  const variables: string[] = [];
  const made: string[] = [];
  let rest = text.slice(1);
  let ended = false;
  /** Nothing open may follow `**`. */
  const glob = (): string | undefined => {
    if (ended) return undefined;
    if (rest.startsWith('**')) {
      rest = rest.slice(2);
      ended = true;
      return REST;
    }
    rest = rest.slice(1);
    return SEGMENT;
  };
  const literal = (): string | undefined => {
    const [part = ''] = rest.split('/', 1);
    if (!IS_LITERAL.test(part)) return undefined;
    rest = rest.slice(part.length);
    return escaped(part);
  };
  const variable = (): string | undefined => {
    const end = rest.indexOf('}');
    const [name = '', ...pattern] = rest.slice(1, end).split('=');
    if (end < 0 || !/^[a-zA-Z][a-zA-Z0-9_]*$/.test(name) || name.length > MAX_NAME) return undefined;
    if (variables.includes(name) || variables.length === MAX_VARIABLES) return undefined;
    variables.push(name);
    const after = rest.slice(end + 1);
    if (pattern.length === 0) {
      if (ended) return undefined;
      rest = after;
      return `(${SEGMENT})`;
    }
    const parts: string[] = [];
    for (const part of pattern.join('=').split('/')) {
      rest = part;
      const one = part.startsWith('*') ? glob() : literal();
      if (one === undefined || rest !== '') return undefined;
      parts.push(one);
    }
    rest = after;
    return `(${parts.join('/')})`;
  };
  while (rest !== '') {
    const segment = rest.startsWith('*') ? glob() : rest.startsWith('{') ? variable() : literal();
    if (segment === undefined) return undefined;
    made.push(segment);
    if (rest === '') break;
    if (rest === '/') {
      made.push('');
      break;
    }
    if (rest.startsWith('/')) {
      rest = rest.slice(1);
      continue;
    }
    const suffix = literal();
    if (suffix === undefined || rest !== '') return undefined;
    return { regex: `/${made.join('/')}${suffix}`, variables };
  }
  return { regex: `/${made.join('/')}`, variables };
}

const escaped = (literal: string): string => literal.replace(/[$()+.]/g, '\\$&');

/** The new path as a substitution of the template's expression; undefined when it is none or names a variable that is not there. */
export function parseUriRewrite(text: string, { variables }: UriTemplate): string | undefined {
  let made = '';
  let at = 0;
  while (at < text.length) {
    if (text[at] === '{') {
      const end = text.indexOf('}', at);
      const index = variables.indexOf(text.slice(at + 1, end));
      if (end < 0 || index < 0) return undefined;
      made += `\\${index + 1}`;
      at = end + 1;
      continue;
    }
    const brace = text.indexOf('{', at);
    const part = text.slice(at, brace < 0 ? text.length : brace);
    if (!IS_REWRITE_LITERAL.test(part) || part.includes('//')) return undefined;
    made += part;
    at += part.length;
  }
  return made.startsWith('/') ? made : undefined;
}
