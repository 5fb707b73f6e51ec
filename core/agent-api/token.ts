/**
 * The join token as a user carries it: `weft1.` and base64url of a JSON object {control-plane address, hash of the root, id, secret}.
 * Who holds it can join once; it is a secret and must never be logged. Weft reads it strictly, so a cut or changed token is told as such.
 */
import { err, type Diagnostic, type Result } from '../kernel/index.ts';
import { readTokenProof, type TokenProof } from './credentials.ts';
import { LIMITS } from './limits.ts';
import { readMessage } from './reader.ts';

export interface JoinToken {
  /** `host:port` of the control plane's TLS port; IPv6 in brackets. */
  readonly controlPlane: string;
  /** SHA-256 of the root certificate's DER, 64 hexadecimal digits: what the agent trusts on first contact. */
  readonly rootSha256: string;
  readonly proof: TokenProof;
}

export const TOKEN_PREFIX = 'weft1.';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** The text of a token. Its parts are ASCII; anything else in `controlPlane` is a defect. */
export function formatJoinToken(token: JoinToken): string {
  const json = JSON.stringify({ controlPlane: token.controlPlane, rootSha256: token.rootSha256, proof: token.proof });
  let text = '';
  for (let at = 0; at < json.length; at += 3) {
    const bits = (json.charCodeAt(at) << 16) | ((json.charCodeAt(at + 1) || 0) << 8) | (json.charCodeAt(at + 2) || 0);
    const digits = Math.min(4, json.length - at + 1);
    for (let digit = 0; digit < digits; digit += 1) text += ALPHABET[(bits >> (18 - 6 * digit)) & 63];
  }
  return TOKEN_PREFIX + text;
}

export function parseJoinToken(text: string): Result<JoinToken, readonly Diagnostic[]> {
  const json = text.startsWith(TOKEN_PREFIX) ? decodeAscii(text.slice(TOKEN_PREFIX.length)) : undefined;
  const value = json === undefined ? undefined : parseJson(json);
  if (value === undefined || text.length > LIMITS.tokenText) {
    return err([
      {
        severity: 'error',
        code: 'malformed',
        message: 'this is not a join token',
        place: {},
        remedy: `Pass the whole text that \`weft token create\` printed; it starts with ${TOKEN_PREFIX}`,
      },
    ]);
  }
  return readMessage(value, (reader) => ({
    controlPlane: reader.text('controlPlane', {
      max: LIMITS.hostText,
      pattern: /^(?:\[[0-9a-f:.]+\]|[A-Za-z0-9._-]+):[1-9]\d{0,4}$/,
      form: 'host:port',
    }),
    rootSha256: reader.text('rootSha256', { max: 64, pattern: /^[0-9a-f]{64}$/, form: '64 hexadecimal digits' }),
    proof: reader.object('proof', readTokenProof),
  }));
}

function decodeAscii(text: string): string | undefined {
  let json = '';
  let bits = 0;
  let count = 0;
  for (const digit of text) {
    const value = ALPHABET.indexOf(digit);
    if (value < 0) return undefined;
    bits = ((bits << 6) | value) & 0xffffff;
    count += 6;
    if (count >= 8) {
      count -= 8;
      json += String.fromCharCode((bits >> count) & 255);
    }
  }
  return json;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
