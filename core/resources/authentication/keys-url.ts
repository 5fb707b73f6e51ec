/** Where the control plane may fetch keys from: `https`, a name or public address, no credentials. */
import { parseIp } from '../../kernel/index.ts';
import type { Report } from '../schema/schema.ts';

const URL_FORM = /^https:\/\/(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+)(?::(\d{1,5}))?(\/[^\s#]*)?$/;

export function checkKeysUrl(text: string, report: Report): void {
  const found = URL_FORM.exec(text);
  if (found === null) {
    report(
      ['url'],
      'invalid-value',
      'expected an `https` address without user and fragment',
      'write `https://HOST/PATH`',
    );
    return;
  }
  const host = (found[1] ?? '').replace(/^\[|\]$/g, '');
  const ip = parseIp(host);
  if (ip !== undefined || host === 'localhost' || host.endsWith('.localhost'))
    report(['url'], 'invalid-value', 'names an address of its own instead of a host', 'write the issuer’s host name');
}
