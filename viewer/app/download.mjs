/**
 * Hands a file to the user.
 * @param {Blob} blob @param {string} name
 */
export function download(blob, name) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The click has begun the download; a second tab of the same file would need the address no more.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
