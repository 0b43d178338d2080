const headEnd = Buffer.from('\r\n\r\n');

/** Counts HTTP answers with a Content-Length, without looking at their bodies. */
export class AnswerCounter {
  answers = 0;
  bytes = 0;
  /** Other than 200. */
  failed = 0;
  firstFailure = '';

  /** What takes the bytes of one connection; `onAnswer` after each whole answer. */
  of(onAnswer: () => void): (data: Buffer) => void {
    let head: Buffer | undefined;
    let missing = 0;
    const takeHead = (data: Buffer) => {
      head = head === undefined ? data : Buffer.concat([head, data]);
      const end = head.indexOf(headEnd);
      if (end < 0) return;
      const text = head.toString('latin1', 0, end);
      const length = Number(/^content-length: (\d+)\r?$/im.exec(text)?.[1] ?? Number.NaN);
      if (Number.isNaN(length)) throw new Error(`an answer without a length: ${text}`);
      if (!text.startsWith('HTTP/1.1 200')) {
        this.failed++;
        this.firstFailure ||= head.toString();
      }
      missing = length - (head.length - end - headEnd.length);
      head = undefined;
      settle();
    };
    const settle = () => {
      if (missing > 0) return;
      this.answers++;
      onAnswer();
    };
    return (data) => {
      this.bytes += data.length;
      if (missing > 0) {
        missing -= data.length;
        settle();
      } else takeHead(data);
    };
  }
}
