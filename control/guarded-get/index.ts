/**
 * A GET over HTTPS to a host that somebody who writes objects has named: no redirect is followed, only permitted addresses are connected to,
 * little is read, and nothing that came is told.
 */
import { lookup as resolve } from 'node:dns';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { err, type IpAddress, ok, parseIp, type Result, unmapIpv4 } from '@weft/core/kernel';

export interface GuardedGet {
  /** Whether an address may be connected to; asked of names, not of addresses that stand in the URL. */
  readonly permits: (address: IpAddress) => boolean;
  /** ms for all of it. */
  readonly timeout: number;
  /** How the server is known; default: by its name, under the system's authorities. */
  readonly tls?: ConnectionOptions;
  /** Who answers, in errors: `the issuer`. */
  readonly who: string;
  /** What is wrong with a name that has no permitted address, behind the name. */
  readonly notPermitted: string;
}

const MAX_BYTES = 1 << 20;

/** The text of an answer 200. The error is a phrase. */
export function guardedGet(url: string, options: GuardedGet): Promise<Result<string, string>> {
  const { timeout, who } = options;
  return new Promise((settle) => {
    const failed = (reason: string): void => settle(err(reason));
    const request = https.get(
      url,
      {
        ...options.tls,
        lookup: guarded(options),
        signal: AbortSignal.timeout(timeout),
        headers: { accept: 'application/json' },
        agent: false,
        minVersion: 'TLSv1.2',
        maxHeaderSize: 16_384,
      },
      (response) => {
        if (response.statusCode !== 200) {
          response.destroy();
          failed(`${who} answered ${response.statusCode}`);
          return;
        }
        const parts: Buffer[] = [];
        let length = 0;
        response.on('data', (part: Buffer) => {
          length += part.length;
          if (length <= MAX_BYTES) parts.push(part);
          else response.destroy(new Error(`the answer is longer than ${MAX_BYTES} octets`));
        });
        response.on('end', () => settle(ok(Buffer.concat(parts).toString('utf8'))));
        response.on('error', (error) => failed(error.message));
      },
    );
    request.on('error', ({ name, message }) =>
      failed(name === 'TimeoutError' || name === 'AbortError' ? `no answer within ${timeout} ms` : message),
    );
  });
}

const guarded =
  ({ permits, notPermitted }: GuardedGet): LookupFunction =>
  (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, '');
      const permitted = addresses.filter(({ address }) => {
        const ip = parseIp(address);
        return ip !== undefined && permits(ip);
      });
      const [first] = permitted;
      if (first === undefined) return callback(new Error(`${hostname} ${notPermitted}`), '');
      if (options.all === true) callback(null, permitted);
      else callback(null, first.address, first.family);
    });
  };

/** The link (169.254.0.0/16, fe80::/10: where clouds keep credentials), or no single host at all. */
export function isLinkOrNone(address: IpAddress): boolean {
  const { family, bytes } = unmapIpv4(address);
  const [first = 0, second = 0] = bytes;
  if (family === 4) return first === 0 || first >= 224 || (first === 169 && second === 254);
  return bytes.every((byte) => byte === 0) || first === 0xff || (first === 0xfe && (second & 0xc0) === 0x80);
}
