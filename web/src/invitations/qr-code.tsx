import { generate } from 'lean-qr';
import { createMemo } from 'solid-js';

/** Modules of white around a code, by ISO/IEC 18004: readers find its edge by them. */
const quiet = 4;

/** A text as a QR code. Always dark on white, whatever the theme: many readers know nothing else. */
export const QrCode = (props: { label: string; value: string }) => {
  const code = createMemo(() => generate(props.value));
  const side = () => code().size + 2 * quiet;
  return (
    <svg class="qr" role="img" aria-label={props.label} viewBox={`0 0 ${side()} ${side()}`}>
      <path class="qr-paper" d={`M0 0h${side()}v${side()}H0z`} />
      <path class="qr-ink" d={pathOf(code())} />
    </svg>
  );
};

/** One bar for each run of dark modules in a line: no hair lines between them, and a short path. */
export const pathOf = ({ size, get }: { size: number; get: (x: number, y: number) => boolean }): string => {
  let path = '';
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      if (!get(x, y)) continue;
      const start = x;
      while (get(x + 1, y)) x++;
      path += `M${start + quiet} ${y + quiet}h${x - start + 1}v1h-${x - start + 1}z`;
    }
  }
  return path;
};
