/** Counts the messages of a gRPC body (PROTOCOL-HTTP2: a flag, four octets of length, the message) that comes in slices of any cut. Holds none of it. */
const PREFIX = 5;

export class MessageCount {
  count = 0;
  /** Octets of the prefix that were seen. */
  #seen = 0;
  #length = 0;
  /** Octets of the message still to come. */
  #left = 0;

  take(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.#left > 0) {
        const passed = Math.min(this.#left, bytes.length - at);
        this.#left -= passed;
        at += passed;
        continue;
      }
      const octet = bytes[at] as number;
      at += 1;
      if (this.#seen === 0) {
        this.count += 1;
        this.#length = 0;
      } else this.#length = this.#length * 256 + octet;
      this.#seen += 1;
      if (this.#seen < PREFIX) continue;
      this.#seen = 0;
      this.#left = this.#length;
    }
  }
}
