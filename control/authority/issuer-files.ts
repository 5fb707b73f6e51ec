/**
 * An issuer from files on the control plane's own host, by the names that Istio's plug-in certificates have: `ca-cert.pem` and `ca-key.pem`
 * (0600) sign for workloads, `cert-chain.pem` (optional) leads from it to `root-cert.pem`. Read when a rotation asks, never watched.
 */
import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { err, type Result, type WallClock } from '@weft/core/kernel';
import { certificatesOf, checkIssuer, type ObtainedIssuer, type OutsideIssuer } from './outside-issuer.ts';
import { readPrivateFile } from './private-files.ts';

export class IssuerFiles implements OutsideIssuer {
  readonly kind = 'files';
  readonly #folder: string;
  readonly #clock: WallClock;

  constructor(folder: string, clock: WallClock) {
    this.#folder = folder;
    this.#clock = clock;
  }

  obtain(): Promise<Result<ObtainedIssuer, string>> {
    return Promise.resolve(this.#read());
  }

  #read(): Result<ObtainedIssuer, string> {
    try {
      const keyFile = path.join(this.#folder, 'ca-key.pem');
      const keyText = readPrivateFile(keyFile);
      if (keyText === undefined) return err(`${keyFile} is not there`);
      const key = createPrivateKey(keyText);
      const read = (name: string): ReturnType<typeof certificatesOf> =>
        certificatesOf(readFileSync(path.join(this.#folder, name), 'utf8'));
      const [signing] = read('ca-cert.pem') ?? [];
      const roots = read('root-cert.pem');
      if (signing === undefined || roots === undefined || roots.length === 0)
        return err(`${this.#folder}: ca-cert.pem and root-cert.pem must hold certificates`);
      const checked = checkIssuer(key, signing, this.#chain(), roots, this.#clock.now());
      return checked.ok ? checked : err(`${this.#folder}: ${checked.error}`);
    } catch (error) {
      return err(`${this.#folder}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #chain(): NonNullable<ReturnType<typeof certificatesOf>> {
    try {
      return certificatesOf(readFileSync(path.join(this.#folder, 'cert-chain.pem'), 'utf8')) ?? [];
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
      throw error;
    }
  }
}
