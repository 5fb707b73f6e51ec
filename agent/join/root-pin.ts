/**
 * First contact: the agent knows only the SHA-256 of the root. It looks at the chain the control plane shows, takes the certificate with
 * that hash as its root, and hangs up; nothing is sent or believed before the next connection verified under that root.
 */
import { createHash } from 'node:crypto';
import tls, { type DetailedPeerCertificate } from 'node:tls';
import { CONTROL_PLANE_NAME } from '@weft/core/agent-api';
import { AgentError } from '../errors.ts';

const MAX_CHAIN = 10;

/** PEM of the root. Throws AgentError `unreachable` or `root-mismatch`. */
export function fetchRoot(address: string, rootSha256: string, timeoutMs = 10_000): Promise<string> {
  const colon = address.lastIndexOf(':');
  const host = address.slice(0, colon).replace(/^\[|\]$/g, '');
  return new Promise((resolve, reject) => {
    const socket = tls.connect({
      host,
      port: Number(address.slice(colon + 1)),
      servername: CONTROL_PLANE_NAME,
      ALPNProtocols: ['h2'],
      rejectUnauthorized: false,
      timeout: timeoutMs,
    });
    const fail = (why: string): void => {
      socket.destroy();
      reject(
        new AgentError(
          'unreachable',
          `the control plane at ${address} cannot be reached: ${why}`,
          'Check the address and that `weft up` runs there',
        ),
      );
    };
    socket.once('timeout', () => fail(`no answer within ${timeoutMs} ms`));
    socket.once('error', (error) => fail(error.message));
    socket.once('secureConnect', () => {
      const root = findInChain(socket.getPeerCertificate(true), rootSha256);
      socket.destroy();
      if (root !== undefined) resolve(root);
      else
        reject(
          new AgentError(
            'root-mismatch',
            `the control plane at ${address} does not have the root that the token names`,
            'Make a new token on the control plane that you mean to join; if the address is right, somebody may be in between',
          ),
        );
    });
  });
}

function findInChain(leaf: DetailedPeerCertificate, rootSha256: string): string | undefined {
  let certificate = leaf;
  for (let depth = 0; depth < MAX_CHAIN; depth += 1) {
    if (!Buffer.isBuffer(certificate.raw)) return undefined;
    if (createHash('sha256').update(certificate.raw).digest('hex') === rootSha256) return pem(certificate.raw);
    if (certificate.issuerCertificate === undefined || certificate.issuerCertificate === certificate) return undefined;
    certificate = certificate.issuerCertificate;
  }
  return undefined;
}

const pem = (der: Buffer): string =>
  `-----BEGIN CERTIFICATE-----\n${(der.toString('base64').match(/.{1,64}/g) ?? []).join('\n')}\n-----END CERTIFICATE-----\n`;
