/** What a genuine token makes known: headers for the upstream, metadata for the filters and logs behind. */
import { isStruct } from '@weft/core/decide';
import type { JwtProvider, MetadataStruct, MetadataValue } from '@weft/core/proxy-config';
import type { Exchange } from '../../http/exchange.ts';
import { utf8AsLatin1 } from '../../http/octets.ts';
import type { Jwt } from '../../jwt/index.ts';
import { sortedJson } from '../../telemetry/json-text.ts';

/** Adds headers to the request; whether a claim became one. */
export function passOn({ head }: Exchange, { jws, payload }: Jwt, row: JwtProvider): boolean {
  const { forwardPayloadHeader, padForwardPayloadHeader, claimToHeaders } = row;
  const { encodedPayload } = jws;
  if (forwardPayloadHeader !== '') {
    const length = padForwardPayloadHeader ? Math.ceil(encodedPayload.length / 4) * 4 : 0;
    head.edit.add(forwardPayloadHeader, encodedPayload.padEnd(length, '='));
  }
  let added = false;
  for (const { header, path } of claimToHeaders) {
    const text = headerText(claimAt(payload, path));
    if (text === '') continue;
    head.edit.add(header, text);
    added = true;
  }
  return added;
}

function claimAt(payload: MetadataStruct, path: readonly string[]): MetadataValue | undefined {
  let found: MetadataValue | undefined = payload;
  for (const key of path) {
    if (!isStruct(found) || !Object.hasOwn(found, key)) return undefined;
    found = found[key];
  }
  return found;
}

/** '' where there is nothing to say, or what cannot stand in a header. */
function headerText(value: MetadataValue | undefined): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return fieldText(value);
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return numberText(value);
  return Buffer.from(sortedJson(value)).toString('base64');
}

/** As Envoy prints them: whole numbers up to 2^64 without a point, others with six places. */
const numberText = (value: number): string =>
  value >= 0 && value < 2 ** 64 && Number.isInteger(value) ? BigInt(value).toString() : value.toFixed(6);

/** A claim with controls cannot be told apart from more lines: it is no header. */
// oxlint-disable-next-line no-control-regex
const fieldText = (text: string): string => (/[\u0000-\u0008\u000a-\u001f\u007f]/.test(text) ? '' : utf8AsLatin1(text));

/** Claims of words separated by spaces become lists. */
export function payloadMetadata({ payload }: Jwt, { spaceDelimitedClaims }: JwtProvider): MetadataStruct {
  if (spaceDelimitedClaims.length === 0) return payload;
  const made = new Map<string, MetadataValue>(Object.entries(payload));
  for (const claim of spaceDelimitedClaims) {
    const value = made.get(claim);
    if (typeof value === 'string')
      made.set(
        claim,
        value.split(' ').filter((word) => word !== ''),
      );
  }
  return Object.fromEntries(made);
}
