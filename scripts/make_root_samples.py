#!/usr/bin/env python3
"""Writes data-samples/branches/*.root: every kind of branch that ROOT can write, for tests/branches.rs.

The same random numbers stand in all files of a group, and every packed number also as a plain double (`..._is`), so
that a test needs no second reader. `beyond_2_gb.*` are the ends of a file of 3 GB that is empty between them. Needs ROOT (`pip install ROOT`).

    python3 scripts/make_root_samples.py data-samples/branches
"""

import os
import sys

import ROOT

CODE = r"""
#include <string>
#include <vector>
#include "Math/Vector4D.h"
#include "TFile.h"
#include "TFree.h"
#include "TList.h"
#include "TLorentzVector.h"
#include "TNtuple.h"
#include "TRandom3.h"
#include "TTree.h"

class Packed {
public:
  Double32_t plain = 0;
  Double32_t range = 0;      //[0,100,16]
  Double32_t wide = 0;       //[-10,10]
  Double32_t angle = 0;      //[-pi,pi,20]
  Double32_t bits = 0;       //[0,0,10]
  Double32_t array[3] = {0}; //[-5,5,12]
  Float16_t half = 0;
  Float16_t half_range = 0;  //[0,100,12]
  Float16_t half_bits = 0;   //[0,0,8]
  double plain_is, range_is, wide_is, angle_is, bits_is, array_is[3], half_is, half_range_is, half_bits_is;
  int n = 0;
  float *counted = nullptr; //[n]
  std::vector<float> vf;
  std::vector<double> vd;
  std::vector<char> vc;
  std::vector<unsigned char> vuc;
  std::vector<short> vs;
  std::vector<unsigned short> vus;
  std::vector<int> vi;
  std::vector<unsigned int> vui;
  std::vector<Long64_t> vl;
  std::vector<ULong64_t> vul;
  std::vector<bool> vb;
  std::string text;
  TLorentzVector p4;
  std::vector<TLorentzVector> v4;
  std::vector<ROOT::Math::PtEtaPhiMVector> vm;
  std::vector<std::vector<double>> nested;
  int last = 0;
};

void fill(Packed &p, TRandom3 &r, int i) {
  p.plain = p.plain_is = r.Gaus();
  p.range = p.range_is = r.Uniform(0, 100);
  p.wide = p.wide_is = r.Uniform(-10, 10);
  p.angle = p.angle_is = r.Uniform(-3.14, 3.14);
  p.bits = p.bits_is = r.Gaus(0, 100);
  for (int k = 0; k < 3; k++) p.array[k] = p.array_is[k] = r.Uniform(-5, 5);
  p.half = p.half_is = r.Gaus();
  p.half_range = p.half_range_is = r.Uniform(0, 100);
  p.half_bits = p.half_bits_is = r.Gaus(0, 5);
  p.n = i % 4;
  delete[] p.counted;
  p.counted = new float[4];
  for (int k = 0; k < 4; k++) p.counted[k] = r.Gaus();
  p.vf.assign(i % 4, r.Gaus());
  p.vd.assign(i % 3, r.Gaus());
  p.vc.assign(i % 4, 'a' + i % 20);
  p.vuc.assign(i % 5, 250 + i % 6);
  p.vs.assign(i % 3, -i);
  p.vus.assign(i % 3, 65535 - i);
  p.vi.assign(i % 5, -i);
  p.vui.assign(i % 2, 4000000000u + i);
  p.vl.assign(i % 2, -i * 10000000000LL);
  p.vul.assign(i % 2, (1ULL << 63) + i);
  p.vb.assign(i % 6, i % 2);
  p.text.assign(i * 8, 'x');
  p.p4.SetPtEtaPhiM(50 + i, 0.1 * i, 0.2, 5);
  p.v4.clear();
  for (int k = 0; k < i % 3; k++) p.v4.emplace_back(i, k, 2, 3);
  p.vm.clear();
  for (int k = 0; k < i % 4; k++) p.vm.emplace_back(10 + i, k, 0.5, 1.5);
  p.nested.assign(i % 3, std::vector<double>(2, i));
  p.last = 1000 + i;
}

void objects(const char *name, int split, int n) {
  TFile f(name, "RECREATE", "", 101);
  TTree t("tree", "objects");
  TRandom3 r(4357);
  Packed *p = new Packed;
  t.Branch("ev.", "Packed", &p, 4000, split);
  for (int i = 0; i < n; i++) {
    fill(*p, r, i);
    t.Fill();
  }
  t.Write();
  f.Close();
}

void leaves(const char *name, int n, bool generate_offsets, int compression, bool in_memory) {
  TFile f(name, "RECREATE", "", compression);
  TTree t("tree", "leaves");
  TRandom3 r(77);
  if (in_memory) {
    t.SetAutoFlush(0);
    t.SetAutoSave(0);
  }
  if (generate_offsets) {
    ROOT::TIOFeatures features;
    features.Set(ROOT::Experimental::EIOFeatures::kGenerateOffsetMap);
    t.SetIOFeatures(features);
  }
  Char_t nc; UChar_t nb; Short_t ns; UShort_t nus; Int_t ni; UInt_t nu; Long64_t nl;
  Float_t xb[10]; Double_t xs[10]; Int_t xi[10][2]; Bool_t xo[10]; Char_t xc[10]; Float16_t xh[10]; Double32_t xd[10];
  Long64_t xl[10]; UShort_t xus[10]; Double_t xh_is[10], xd_is[10];
  struct { Double_t d; Float_t x; Int_t y; Short_t z[2]; Char_t c; } list; // no gaps: ROOT does not know of them
  Float16_t h; Float16_t hr; Double32_t d; Double32_t dr; Double_t h_is, hr_is, d_is, dr_is;
  Float_t m[2][3]; Bool_t o; char chars[20]; std::string *text = new std::string; Long_t l; ULong_t ul;
  t.Branch("nc", &nc, "nc/B"); t.Branch("nb", &nb, "nb/b"); t.Branch("ns", &ns, "ns/S"); t.Branch("nus", &nus, "nus/s");
  t.Branch("ni", &ni, "ni/I"); t.Branch("nu", &nu, "nu/i"); t.Branch("nl", &nl, "nl/L");
  t.Branch("xb", xb, "xb[nb]/F"); t.Branch("xs", xs, "xs[ns]/D"); t.Branch("xi", xi, "xi[ni][2]/I");
  t.Branch("xo", xo, "xo[nu]/O"); t.Branch("xc", xc, "xc[nus]/B"); t.Branch("xl", xl, "xl[nc]/L");
  t.Branch("xus", xus, "xus[ni]/s");
  t.Branch("xh", xh, "xh[ni]/f"); t.Branch("xh_is", xh_is, "xh_is[ni]/D");
  t.Branch("xd", xd, "xd[nb]/d[0,10,16]"); t.Branch("xd_is", xd_is, "xd_is[nb]/D");
  t.Branch("list", &list, "d/D:x/F:y/I:z[2]/S:c/B");
  t.Branch("h", &h, "h/f"); t.Branch("h_is", &h_is, "h_is/D");
  t.Branch("hr", &hr, "hr/f[0,10,12]"); t.Branch("hr_is", &hr_is, "hr_is/D");
  t.Branch("d", &d, "d/d"); t.Branch("d_is", &d_is, "d_is/D");
  t.Branch("dr", &dr, "dr/d[-1,1,20]"); t.Branch("dr_is", &dr_is, "dr_is/D");
  t.Branch("m", m, "m[2][3]/F"); t.Branch("o", &o, "o/O"); t.Branch("chars", chars, "chars/C"); t.Branch("text", &text);
  t.Branch("l", &l, "l/G"); t.Branch("ul", &ul, "ul/g");
  for (int i = 0; i < n; i++) {
    nc = i % 2; nb = i % 7; ns = i % 3; nus = i % 5; ni = i % 4; nu = i % 6; nl = -i;
    for (int k = 0; k < 10; k++) {
      xb[k] = r.Gaus(); xs[k] = r.Gaus(); xi[k][0] = i; xi[k][1] = -k; xo[k] = (i + k) % 2; xc[k] = k - 3;
      xl[k] = -i * 1000000000000LL; xus[k] = 65535 - i;
      xh[k] = xh_is[k] = r.Gaus(); xd[k] = xd_is[k] = r.Uniform(0, 10);
    }
    list.x = r.Gaus(); list.y = -i; list.z[0] = i; list.z[1] = -i; list.c = i % 100; list.d = r.Gaus();
    h = h_is = r.Gaus(); hr = hr_is = r.Uniform(0, 10); d = d_is = r.Gaus(); dr = dr_is = r.Uniform(-1, 1);
    for (auto &row : m) for (auto &x : row) x = r.Gaus();
    o = i % 3 == 0; snprintf(chars, 20, "event%d", i); *text = std::string(i % 300, 'x'); l = -i; ul = i;
    t.Fill();
    if (in_memory && i == n / 2) t.Write();
  }
  t.Write();
  f.Close();
}

void directories(const char *name) {
  TFile f(name, "RECREATE");
  f.mkdir("a/b");
  f.cd("a/b");
  int x = 0;
  TTree t("tree", "ints");
  t.Branch("x", &x, "x/I");
  for (x = 0; x < 10; x++) t.Fill();
  t.Write();
  for (x = 10; x < 15; x++) t.Fill();
  t.Write();
  f.cd();
  TNtuple nt("nt", "ntuple", "a:b:c");
  for (int i = 0; i < 8; i++) nt.Fill(i, 2 * i, 3 * i);
  nt.Write();
  f.Close();
}

void beyond_2_gb(const char *name) {
  TFile f(name, "RECREATE", "", 101);
  const Long64_t start = 3000000000LL;
  auto *segment = (TFree *)f.GetListOfFree()->First();
  f.SetEND(start);
  segment->SetFirst(start);
  segment->SetLast(start + 1000000000LL);
  f.mkdir("folder")->cd();
  TTree t("tree", "far out");
  t.SetAutoFlush(100);
  Int_t i, n;
  Float_t x[5];
  t.Branch("i", &i, "i/I");
  t.Branch("n", &n, "n/I");
  t.Branch("x", x, "x[n]/F");
  for (i = 0; i < 250; i++) {
    n = i % 5;
    for (int k = 0; k < 5; k++) x[k] = i + 0.5f * k;
    t.Fill();
  }
  t.Write();
  f.Close();
}
"""


def pieces(name):
    """Keeps the two ends of a file that is empty between them: NAME.head, and NAME.tail from byte 3 000 000 000 on."""
    with open(name, "rb") as file:
        head = file.read(1000).rstrip(b"\0")
        file.seek(3_000_000_000)
        tail = file.read()
    for end, content in (("head", head), ("tail", tail)):
        with open(f"{name.removesuffix('.root')}.{end}", "wb") as file:
            file.write(content)
    os.remove(name)


def main():
    folder = sys.argv[1]
    os.makedirs(folder, exist_ok=True)
    os.chdir(folder)
    ROOT.gROOT.SetBatch(True)
    ROOT.gInterpreter.Declare(CODE)
    for split in (0, 1, 99):
        ROOT.objects(f"objects_split{split}.root", split, 40)
    ROOT.leaves("leaves.root", 60, False, 505, False)
    ROOT.leaves("leaves_generated_offsets.root", 60, True, 101, False)
    ROOT.leaves("leaves_in_memory.root", 60, False, 0, True)
    ROOT.leaves("leaves_in_memory_generated_offsets.root", 60, True, 404, True)
    ROOT.directories("directories.root")
    ROOT.beyond_2_gb("beyond_2_gb.root")
    pieces("beyond_2_gb.root")


if __name__ == "__main__":
    main()
