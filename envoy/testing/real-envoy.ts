/** Real Envoy as a judge: whether `envoy --mode validate` takes a bootstrap. Found by WEFT_ENVOY or on PATH. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';

/** Path of the binary; undefined when there is none on this machine. */
export function findEnvoy(): string | undefined {
  const candidates = [
    process.env['WEFT_ENVOY'],
    ...(process.env['PATH'] ?? '').split(':').map((folder) => path.join(folder, 'envoy')),
  ];
  return candidates.find((file) => file !== undefined && file !== '' && existsSync(file));
}

/** undefined when Envoy accepts the bootstrap, else what it says. */
export function envoyRefuses(envoy: string, bootstrap: string): string | undefined {
  const folder = mkdtempSync(path.join(tmpdir(), 'weft-envoy-'));
  try {
    const file = path.join(folder, 'bootstrap.yaml');
    writeFileSync(file, bootstrap);
    const ran = spawnSync(envoy, ['--mode', 'validate', '-c', file, '-l', 'critical'], {
      encoding: 'utf8',
      timeout: 60_000,
    });
    return ran.status === 0 ? undefined : `${ran.stdout}${ran.stderr}`.trim() || `status ${ran.status}`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
