// Inspects the page it is inserted into, and sends what it found to the page around it.
"use strict";
const refused = [];
const errors = [];
addEventListener("error", (event) => errors.push(String(event.message || event.target)), true);
document.addEventListener("securitypolicyviolation", (event) => refused.push(event.blockedURI));

function channels(colour) {
  const [red, green, blue, alpha = 1] = colour.match(/[\d.]+/g).map(Number);
  return { rgb: [red, green, blue], alpha };
}

function luminance(rgb) {
  const [red, green, blue] = rgb.map((value) => {
    const level = value / 255;
    return level <= 0.04045 ? level / 12.92 : ((level + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function groundOf(element) {
  for (let at = element; at; at = at.parentElement) {
    const { rgb, alpha } = channels(getComputedStyle(at).backgroundColor);
    if (alpha === 1) return rgb;
  }
  return [255, 255, 255];
}

// Contrast of an element's text with its background (WCAG 2).
function contrastOf(element) {
  const style = getComputedStyle(element);
  const ink = element instanceof SVGElement ? style.fill : style.color;
  const [darker, lighter] = [luminance(channels(ink).rgb), luminance(groundOf(element))].sort(
    (a, b) => a - b,
  );
  return (lighter + 0.05) / (darker + 0.05);
}

function textsOf(element) {
  return [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
}

async function decodes(source) {
  const image = new Image();
  image.src = source;
  return image.decode().then(() => image.naturalWidth > 0, () => false);
}

async function look() {
  const inside = [...document.body.querySelectorAll("*")].filter(
    (element) => element.getClientRects().length && !element.closest(".wide *"),
  );
  const texts = inside.filter(textsOf);
  const pictures = [
    ...[...document.images].map((image) => image.currentSrc),
    ...[...document.querySelectorAll("image")].map((image) => image.getAttribute("href")),
  ];
  const broken = (await Promise.all(pictures.map(decodes))).filter((whole) => !whole).length;
  const levels = [...document.querySelectorAll("h1, h2, h3, h4")].map((h) => Number(h.tagName[1]));
  return {
    width: innerWidth,
    dark: matchMedia("(prefers-color-scheme: dark)").matches,
    overflow: document.documentElement.scrollWidth - innerWidth,
    // An SVG cuts off what lies outside its view.
    outside: inside
      .filter((e) => !e.closest("svg *") && e.getBoundingClientRect().right > innerWidth + 0.5)
      .map((e) => e.outerHTML.slice(0, 80)),
    clipped: [...document.querySelectorAll("svg text")]
      .filter((text) => {
        const [own, view] = [text, text.closest("svg")].map((e) => e.getBoundingClientRect());
        return own.left < view.left - 1 || own.right > view.right + 1 || own.bottom > view.bottom + 1;
      })
      .map((text) => text.textContent),
    small: texts
      .filter((e) => e.getBoundingClientRect().height < 7)
      .map((e) => e.textContent.trim()),
    faint: texts
      .filter((e) => contrastOf(e) < 4.5)
      .map((e) => `${contrastOf(e).toFixed(1)}: ${e.textContent.trim().slice(0, 40)}`),
    pictures: pictures.length,
    broken,
    thumbs: [...document.querySelectorAll(".thumbs")].map((row) =>
      [...row.querySelectorAll(".photo")].map((p) => Math.round(p.getBoundingClientRect().height)),
    ),
    first: document.querySelector(".first .cue")?.getBoundingClientRect().bottom ?? null,
    skipped: levels.filter((level, place) => level > (place ? levels[place - 1] : 0) + 1).length,
    loaded: performance.getEntriesByType("resource").map((e) => e.name)
      .filter((name) => !name.startsWith("data:")),
    refused,
    errors,
  };
}

addEventListener("load", async () => {
  let found;
  try {
    found = await look();
  } catch (error) {
    found = { failed: String(error) };
  }
  parent.postMessage(found, "*");
});
