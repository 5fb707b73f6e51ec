/** Certificates of every kind, by OpenSSL: a folder of names with key and chain each. Needs `openssl`. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

export interface Identity {
  readonly key: Buffer;
  readonly cert: Buffer;
}

export const MEMBER = 'URI:spiffe://weft.local/ns/a/sa/b';

export class OpensslAuthority {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  file(name: string): string {
    return path.join(this.#folder, name);
  }

  /** `more` goes to `openssl req`. Without an issuer among it the certificate signs itself and is an authority. */
  issue(name: string, ...more: readonly string[]): Identity {
    execFileSync(
      'openssl',
      `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=${name}`
        .split(' ')
        .concat('-keyout', this.file(`${name}.key`), '-out', this.file(`${name}.pem`), more),
      { stdio: 'pipe' },
    );
    return { key: readFileSync(this.file(`${name}.key`)), cert: readFileSync(this.file(`${name}.pem`)) };
  }

  /** A leaf below `issuer` with these subject alternative names (openssl's syntax). */
  leaf(name: string, names: string, issuer = 'root', ...more: readonly string[]): Identity {
    return this.issue(name, ...LEAF, ...altNames(names), ...this.signedBy(issuer), ...more);
  }

  signedBy(name: string): string[] {
    return ['-CA', this.file(`${name}.pem`), '-CAkey', this.file(`${name}.key`)];
  }
}

export const LEAF = ['-addext', 'basicConstraints=critical,CA:FALSE'];
export const altNames = (names: string): string[] => ['-addext', `subjectAltName=${names}`];
