// Drawn pictures for sample states. They show nobody and say that they are simulated.

type Draw = (pen: CanvasRenderingContext2D, width: number, height: number, n: number) => void;

/** A stream of `draw` at 5 pictures a second. */
export function drawn(width: number, height: number, draw: Draw): MediaStream {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const pen = canvas.getContext("2d");
  let n = 0;
  const again = () => pen && draw(pen, width, height, n++);
  again();
  setInterval(again, 200);
  return canvas.captureStream(5);
}

export const face: Draw = (pen, w, h, n) => {
  const wall = pen.createLinearGradient(0, 0, 0, h);
  wall.addColorStop(0, "#cfd8da");
  wall.addColorStop(1, "#aab7bb");
  pen.fillStyle = wall;
  pen.fillRect(0, 0, w, h);
  pen.fillStyle = "#5c7480";
  pen.beginPath();
  pen.ellipse(w / 2, h * 1.05, w * 0.3, h * 0.34, 0, 0, 7);
  pen.fill();
  pen.fillStyle = "#e3c3a5";
  pen.beginPath();
  pen.ellipse(w / 2, h * 0.44 + Math.sin(n / 6) * 2, w * 0.13, h * 0.23, 0, 0, 7);
  pen.fill();
  pen.fillStyle = "#8f9498";
  pen.beginPath();
  pen.ellipse(w / 2, h * 0.29, w * 0.145, h * 0.13, 0, 0, 7);
  pen.fill();
  mark(pen, w, h, n);
};

export const paper: Draw = (pen, w, h, n) => {
  pen.fillStyle = "#6d6257";
  pen.fillRect(0, 0, w, h);
  pen.save();
  pen.translate(w / 2, h / 2);
  pen.rotate(-0.03);
  pen.fillStyle = "#fbfaf5";
  pen.fillRect(-w * 0.36, -h * 0.46, w * 0.72, h * 0.92);
  pen.fillStyle = "#2b2f33";
  pen.font = "36px BIZ UDPGothic, sans-serif";
  pen.fillText("介護保険 負担限度額認定 申請書(見本)", -w * 0.33, -h * 0.36);
  pen.strokeStyle = "#7d8287";
  for (let line = 0; line < 7; line++) {
    const y = -h * 0.27 + line * h * 0.095;
    pen.strokeRect(-w * 0.33, y, w * 0.66, h * 0.095);
    pen.font = "24px BIZ UDPGothic, sans-serif";
    pen.fillText(["氏名", "フリガナ", "住所", "生年月日", "電話", "保険者番号", "届出日"][line] ?? "", -w * 0.32, y + h * 0.06);
  }
  pen.restore();
  mark(pen, w, h, n);
};

function mark(pen: CanvasRenderingContext2D, w: number, h: number, n: number): void {
  pen.fillStyle = "#10181f";
  pen.fillRect(w - 190, h - 40, 190, 40);
  pen.fillStyle = "#ffffff";
  pen.font = "22px BIZ UDPGothic, sans-serif";
  pen.fillText(`見本 ${String(n).padStart(5, "0")}`, w - 176, h - 12);
}
