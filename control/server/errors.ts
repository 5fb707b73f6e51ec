/** Why the control plane's listeners could not start: a closed set, each with what to do. */
export type ListenErrorCode =
  | 'port-in-use'
  | 'address-not-available'
  | 'not-permitted'
  | 'socket-in-use'
  | 'socket-path'
  | 'unavailable';

export class ListenError extends Error {
  override readonly name = 'ListenError';
  readonly code: ListenErrorCode;
  readonly remedy: string;

  constructor(code: ListenErrorCode, message: string, remedy: string) {
    super(message);
    this.code = code;
    this.remedy = remedy;
  }

  /** For what `net.Server.listen` reported on `where`. */
  static of(error: NodeJS.ErrnoException, where: string): ListenError {
    if (where.startsWith('/') && error.code !== 'EADDRINUSE')
      return new ListenError(
        'socket-path',
        `cannot make ${where}: ${error.message}`,
        'Choose a short path to a folder that is yours with --data',
      );
    switch (error.code) {
      case 'EADDRINUSE':
        return new ListenError(
          'port-in-use',
          `${where} is in use`,
          'Choose another with --listen, or end what uses it',
        );
      case 'EADDRNOTAVAIL':
      case 'ENOTFOUND':
        return new ListenError(
          'address-not-available',
          `${where} is no address of this host`,
          'Choose another with --listen',
        );
      case 'EACCES':
      case 'EPERM':
        return new ListenError(
          'not-permitted',
          `this user may not listen on ${where}`,
          'Choose a port from 1024 up or another folder',
        );
      case undefined:
      default:
        return new ListenError('unavailable', `cannot listen on ${where}: ${error.message}`, 'See the system error');
    }
  }
}
