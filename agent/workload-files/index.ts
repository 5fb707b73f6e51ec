/**
 * For proxyless gRPC clients: certificate, key and roots as files (certificate provider `file_watcher`, gRFC A29); the bootstrap that
 * names them is `writeGrpcBootstrap` of envoy/bootstrap. The key file is the only place where a workload's key is written: mode 0600 in a folder of mode 0700.
 */
import { OWN_SECRET } from '@weft/core/agent-api';
import type { AgentFolder } from '../folder/index.ts';
import type { SecretListener } from '../secrets/index.ts';

const FILES = { certificate: 'certificate.pem', key: 'key.pem', roots: 'roots.pem' } as const;

export class CertificateFiles {
  readonly #folder: AgentFolder;

  constructor(folder: AgentFolder) {
    this.#folder = folder;
  }

  /** The key does not outlive its agent. */
  removeKey(): void {
    this.#folder.remove(FILES.key);
  }

  /** Keeps the files equal to the secrets. The key is written before its certificate; a reader checks that they belong together. */
  readonly listener: SecretListener = (name, secret) => {
    if (secret.kind === 'roots') this.#folder.write(FILES.roots, secret.roots);
    else if (name === OWN_SECRET) {
      this.#folder.write(FILES.key, secret.privateKey);
      this.#folder.write(FILES.certificate, secret.certificateChain);
    }
  };
}
