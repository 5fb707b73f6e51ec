/** A small authority for tests: P-256 roots and leaves with any names and any validity, so that every refusal can be provoked. */
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import {
  bitString,
  contextText,
  context,
  objectIdentifier,
  octetString,
  printableString,
  sequence,
  setOf,
  smallInteger,
  time,
  TRUE,
  unsigned,
} from '@weft/wire/der';
import type { CertificateSecret } from '../ports.ts';

const DAY = 86_400_000;
const SIGNATURE = sequence(objectIdentifier('1.2.840.10045.4.3.2'));

const nameOf = (text: string): Uint8Array =>
  sequence(setOf(sequence(objectIdentifier('2.5.4.3'), printableString(text))));

const extension = (oid: string, value: Uint8Array, critical = false): Uint8Array =>
  sequence(objectIdentifier(oid), ...(critical ? [TRUE] : []), octetString(value));

export interface LeafNames {
  readonly uris?: readonly string[];
  readonly dns?: readonly string[];
  /** ms since the epoch. */
  readonly notBefore?: number;
  readonly notAfter?: number;
  /** Marks the leaf as a CA. */
  readonly ca?: boolean;
}

export class TestAuthority {
  readonly pem: string;
  readonly #name: Uint8Array;
  readonly #key: KeyObject;

  constructor(name = 'root') {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.#key = privateKey;
    this.#name = nameOf(name);
    this.pem = this.#issue(this.#name, publicKey, Date.now() - DAY, Date.now() + DAY, [
      extension('2.5.29.19', sequence(TRUE), true),
    ]);
  }

  leaf(names: LeafNames): CertificateSecret {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const alternatives = [
      ...(names.uris ?? []).map((uri) => contextText(6, uri)),
      ...(names.dns ?? []).map((dns) => contextText(2, dns)),
    ];
    const certificateChain = this.#issue(
      nameOf('leaf'),
      publicKey,
      names.notBefore ?? Date.now() - DAY,
      names.notAfter ?? Date.now() + DAY,
      [
        extension('2.5.29.19', sequence(...(names.ca === true ? [TRUE] : [])), true),
        ...(alternatives.length === 0 ? [] : [extension('2.5.29.17', sequence(...alternatives))]),
      ],
    );
    return { certificateChain, privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
  }

  #issue(subject: Uint8Array, key: KeyObject, from: number, to: number, extensions: readonly Uint8Array[]): string {
    const body = sequence(
      context(0, smallInteger(2)),
      unsigned(randomBytes(8)),
      SIGNATURE,
      this.#name,
      sequence(time(from), time(to)),
      subject,
      key.export({ type: 'spki', format: 'der' }),
      context(3, sequence(...extensions)),
    );
    const der = sequence(body, SIGNATURE, bitString(sign('sha256', body, this.#key)));
    const lines =
      Buffer.from(der)
        .toString('base64')
        .match(/.{1,64}/g) ?? [];
    return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
  }
}
