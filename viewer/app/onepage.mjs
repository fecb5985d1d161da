/**
 * The viewer as one HTML file (shell/bundle/viewer-page.mjs): page.mjs, and the trace that is in the page. Save makes
 * another such page of this one.
 */
import { GoroscopeViewer } from './element.mjs';
import { openEmbedded, takeOut } from './embedded.mjs';
import './page.mjs';

const { elements, html } = takeOut(document);
GoroscopeViewer.loadFrom({ page: URL.createObjectURL(new Blob([html], { type: 'text/html' })) });
void openEmbedded(/** @type {GoroscopeViewer} */ (document.querySelector('goroscope-viewer')), elements);
