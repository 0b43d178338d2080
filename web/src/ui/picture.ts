import { limits } from '@chatapp/contract/limits';

/** Pixels of a side: twice the largest place where it is shown. */
const side = 192;
const qualities = [0.9, 0.75, 0.6, 0.4] as const;

/** The square in the middle of a picture, in pixels of it. */
export const middleSquare = ({ width, height }: { width: number; height: number }) => {
  const edge = Math.min(width, height);
  return { left: Math.floor((width - edge) / 2), top: Math.floor((height - edge) / 2), edge };
};

/**
 * A file that was picked as a picture of a person or a conversation: its middle, small enough for the server, and without what a camera writes into
 * it (where it was taken). Throws where the browser cannot read it.
 */
export const pictureOf = async (file: Blob): Promise<Blob> => {
  const image = await createImageBitmap(file);
  const canvas = new OffscreenCanvas(side, side);
  const { left, top, edge } = middleSquare(image);
  canvas.getContext('2d')?.drawImage(image, left, top, edge, edge, 0, 0, side, side);
  image.close();
  for (const quality of qualities) {
    const picture = await canvas.convertToBlob({ type: 'image/webp', quality });
    // A browser that cannot write WebP writes PNG, which may be larger.
    if (picture.size <= limits.avatarBytesMax) return picture;
  }
  return canvas.convertToBlob({ type: 'image/jpeg', quality: 0.6 });
};

/** A picture as an address that this page alone can show. */
export const dataUrlOf = (picture: Blob): Promise<string> =>
  new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(picture);
  });
