// The job of `bumphound fill`, as a physicist would write it in compiled C++ over ROOT's TTreeReader.
//
// In: Delphes files. Out: on stdout one JSON line (events, categories, spectra, entries, sum over entries of the bin number;
// bin 0 is underflow), with `--categories` then one line per category. Objects, composites, categories, masses and bins as in
// docs/physics.md: default selection, region `incl`, jet schemes exclusive and Xj. One thread.

#include <TFile.h>
#include <TTree.h>
#include <TTreeReader.h>
#include <TTreeReaderArray.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

enum Kind { E, Mu, G, Z, V, T, HM, J, B, KINDS };
static const char* const NAME[] = {"e", "mu", "g", "Z", "V", "T", "HM", "j", "b"};

struct P4 {
  double x = 0, y = 0, z = 0, e = 0;
  P4 operator+(const P4& o) const { return {x + o.x, y + o.y, z + o.z, e + o.e}; }
  double pt2() const { return x * x + y * y; }
  double m2() const { return std::max(0.0, e * e - (x * x + y * y + z * z)); }
  double m() const { return std::sqrt(m2()); }
};

struct Object {
  double pt, eta, phi, mass;
  int charge = 0;
  bool btag = false;
  P4 p4() const {
    const double pz = pt * std::sinh(eta), m = std::max(mass, 0.0);
    return {pt * std::cos(phi), pt * std::sin(phi), pz, std::sqrt(pt * pt + pz * pz + m * m)};
  }
};

using Objects = std::vector<Object>;

static bool sane(double pt, double eta, double phi, double mass) {
  return std::isfinite(pt) && pt > 0 && std::abs(eta) <= 100 && std::isfinite(phi) && std::isfinite(mass);
}

static void sortByPt(Objects& list) {
  std::stable_sort(list.begin(), list.end(), [](const Object& a, const Object& b) { return a.pt > b.pt; });
}

// Bin edges: each bin one sigma of the mass wide.
static double squared(double noise, double stochastic, double constant, double linear, double pt) {
  return noise * noise / (pt * pt) + stochastic * stochastic / pt + constant * constant + linear * linear * pt * pt;
}

static double relativeSquared(int kind, double pt) {
  switch (kind) {
    case E: case G: return squared(0, 0.101, 0.0017, 0, pt);
    case Mu: return squared(0, 0, 0.015, 1.5e-4, pt);
    case Z: return squared(0, 0, 0.015, 1.5e-4, pt / 2) / 2;
    case V: return squared(3.16, 0.74, 0.055, 0, pt / 2) / 2;
    case T: case HM: return squared(3.16, 0.74, 0.055, 0, pt / 3) / 3;
    default: return squared(3.16, 0.74, 0.055, 0, pt);
  }
}

struct Composition {
  std::array<uint8_t, KINDS> counts{};
  bool met = false;
  bool operator<(const Composition& o) const { return std::tie(counts, met) < std::tie(o.counts, o.met); }
};

static std::vector<double> makeEdges(const Composition& c) {
  int objects = 0;
  for (int n : c.counts) objects += n;
  const bool jet = c.counts[V] || c.counts[T] || c.counts[HM] || c.counts[J] || c.counts[B];
  const bool singleHm = objects == 1 && c.counts[HM] == 1 && !c.met;
  const double n = objects + (c.met ? 1 : 0);
  std::vector<double> edges{jet ? 20.0 : 10.0};
  while (edges.back() < 13000) {
    const double m = edges.back(), pt = m / n;
    double sum = 0;
    for (int k = 0; k < KINDS; ++k)
      if (c.counts[k]) sum += c.counts[k] * relativeSquared(k, pt);
    if (c.met) sum += std::pow(0.5 * std::sqrt(m) / pt, 2);
    edges.push_back(m + m * (singleHm ? 0.10 : std::sqrt(sum) / n));
  }
  return edges;
}

// A mass label: one bit per object, eight (four for j and b) per kind; MET on top.
static const int FIRST_BIT[] = {0, 8, 16, 24, 32, 40, 48, 56, 60};
static const int MOST[] = {8, 8, 8, 8, 8, 8, 7, 4, 4};
static const uint64_t MET = 1ull << 55;

struct Histogram {
  const std::vector<double>* edges = nullptr;
  std::vector<uint32_t> bins;
  void fill(double m) { ++bins[std::upper_bound(edges->begin(), edges->end(), m) - edges->begin()]; }
};

struct Category {
  uint64_t events = 0;
  std::unordered_map<uint64_t, Histogram> spectra;
};

class Book {
 public:
  void fill(uint64_t category, const std::vector<std::pair<uint64_t, double>>& masses) {
    Category& c = categories_[category];
    ++c.events;
    for (const auto& [label, mass] : masses) {
      Histogram& h = c.spectra[label];
      if (!h.edges) {
        h.edges = &edges(label);
        h.bins.resize(h.edges->size() + 1);
      }
      h.fill(mass);
    }
  }

  void print(uint64_t events, bool list) const {
    uint64_t spectra = 0, entries = 0, weighted = 0;
    for (const auto& [key, category] : categories_) {
      spectra += category.spectra.size();
      for (const auto& [label, h] : category.spectra)
        for (size_t bin = 0; bin < h.bins.size(); ++bin) {
          entries += h.bins[bin];
          weighted += uint64_t(h.bins[bin]) * bin;
        }
    }
    std::printf("{\"events\": %llu, \"categories\": %zu, \"spectra\": %llu, \"entries\": %llu, \"bin_sum\": %llu}\n",
                (unsigned long long)events, categories_.size(), (unsigned long long)spectra, (unsigned long long)entries,
                (unsigned long long)weighted);
    if (!list) return;
    for (const auto& [key, category] : categories_)
      std::printf("%s,%llu\n", text(key).c_str(), (unsigned long long)category.events);
  }

 private:
  const std::vector<double>& edges(uint64_t label) {
    Composition c;
    c.met = label & MET;
    for (int k = 0; k < KINDS; ++k) c.counts[k] = __builtin_popcountll(label >> FIRST_BIT[k] & ((1ull << MOST[k]) - 1));
    auto& found = edges_[c];
    if (found.empty()) found = makeEdges(c);
    return found;
  }

  // Category: jets (0 to 6, 7 for any) in three bits, charge in two, seven counts in three each.
  static std::string text(uint64_t key) {
    std::string text;
    for (int k = 0; k < J; ++k) {
      const int n = key >> (5 + 3 * k) & 7;
      if (n) text += (n == 4 ? std::string("4+") : std::to_string(n)) + NAME[k];
    }
    if (text.empty()) text = "none";
    text = "incl/" + text + (std::array{"", ".os", ".ss"}[key >> 3 & 3]) + "/";
    const int jets = key & 7;
    return text + (jets == 7 ? "Xj" : jets == 6 ? "6j+" : std::to_string(jets) + "j");
  }

  std::unordered_map<uint64_t, Category> categories_;
  std::map<Composition, std::vector<double>> edges_;
};

struct Event {
  Objects lists[J], light;
  std::vector<std::pair<int, P4>> labelled;
  std::vector<std::pair<uint64_t, double>> masses;

  void buildZ() {
    struct Pair { double distance; int flavour; size_t first, second; P4 p4; };
    std::vector<Pair> pairs;
    for (int flavour : {E, Mu}) {
      const Objects& l = lists[flavour];
      for (size_t i = 0; i < l.size(); ++i)
        for (size_t j = i + 1; j < l.size(); ++j) {
          if (l[i].charge * l[j].charge >= 0) continue;
          const P4 p4 = l[i].p4() + l[j].p4();
          const double distance = std::abs(p4.m() - 91.18);
          if (distance <= 15) pairs.push_back({distance, flavour, i, j, p4});
        }
    }
    std::stable_sort(pairs.begin(), pairs.end(), [](const Pair& a, const Pair& b) { return a.distance < b.distance; });
    for (const Pair& p : pairs) {
      Objects& l = lists[p.flavour];
      if (l[p.first].pt == 0 || l[p.second].pt == 0) continue;
      l[p.first].pt = l[p.second].pt = 0;
      const double pt = std::sqrt(p.p4.pt2());
      lists[Z].push_back({pt, std::asinh(p.p4.z / pt), std::atan2(p.p4.y, p.p4.x), p.p4.m()});
    }
    for (int flavour : {E, Mu}) {
      Objects& l = lists[flavour];
      l.erase(std::remove_if(l.begin(), l.end(), [](const Object& o) { return o.pt == 0; }), l.end());
    }
    sortByPt(lists[Z]);
  }

  uint64_t category() const {
    uint64_t key = std::min<size_t>(light.size(), 6);
    int leptons = lists[E].size() + lists[Mu].size();
    if (leptons == 2) {
      int product = 1;
      for (int k : {E, Mu})
        for (const Object& o : lists[k]) product *= o.charge;
      key |= (product < 0 ? 1ull : 2ull) << 3;
    }
    for (int k = 0; k < J; ++k) key |= uint64_t(std::min<size_t>(lists[k].size(), 4)) << (5 + 3 * k);
    return key;
  }

  void label() {
    labelled.clear();
    for (int k = 0; k < J; ++k)
      for (size_t i = 0; i < std::min<size_t>(lists[k].size(), MOST[k]); ++i)
        labelled.push_back({FIRST_BIT[k] + int(i), lists[k][i].p4()});
    int j = 0, b = 0;
    for (size_t i = 0; i < std::min<size_t>(light.size(), 4); ++i) {
      const int bit = light[i].btag ? FIRST_BIT[B] + b++ : FIRST_BIT[J] + j++;
      labelled.push_back({bit, light[i].p4()});
    }
  }

  void subsets(size_t first, uint64_t label, int size, const P4& sum, double met, double metX, double metY) {
    for (size_t i = first; i < labelled.size(); ++i) {
      const uint64_t bits = label | 1ull << labelled[i].first;
      const P4 p = sum + labelled[i].second;
      const double m2 = p.m2();
      const bool singleHm = size == 0 && labelled[i].first >= FIRST_BIT[HM] && labelled[i].first < 55;
      if (size > 0 || singleHm) masses.push_back({bits, std::sqrt(m2)});
      const double et = std::sqrt(m2 + p.pt2());
      masses.push_back({bits | MET, std::sqrt(std::max(0.0, m2 + 2 * (et * met - (p.x * metX + p.y * metY))))});
      subsets(i + 1, bits, size + 1, p, met, metX, metY);
    }
  }
};

template <class Charge>
static void select(TTreeReaderArray<float>& pt, TTreeReaderArray<float>& eta, TTreeReaderArray<float>& phi,
                   double mass, Charge charge, double ptMin, double etaMax, Objects& out) {
  out.clear();
  for (size_t i = 0; i < pt.GetSize(); ++i)
    if (sane(pt[i], eta[i], phi[i], mass) && pt[i] > ptMin && std::abs(double(eta[i])) < etaMax)
      out.push_back({pt[i], eta[i], phi[i], mass, charge(i)});
  sortByPt(out);
}

int main(int argc, char** argv) {
  bool list = false;
  Book book;
  Event event;
  uint64_t events = 0;
  for (int a = 1; a < argc; ++a) {
    if (!std::strcmp(argv[a], "--categories")) { list = true; continue; }
    std::unique_ptr<TFile> file(TFile::Open(argv[a]));
    if (!file || file->IsZombie()) return 2;
    TTreeReader reader("Delphes", file.get());
    using Floats = TTreeReaderArray<float>;
    using Ints = TTreeReaderArray<int>;
    Floats ePt(reader, "Electron.PT"), eEta(reader, "Electron.Eta"), ePhi(reader, "Electron.Phi");
    Floats mPt(reader, "Muon.PT"), mEta(reader, "Muon.Eta"), mPhi(reader, "Muon.Phi");
    Floats gPt(reader, "Photon.PT"), gEta(reader, "Photon.Eta"), gPhi(reader, "Photon.Phi");
    Floats jPt(reader, "Jet.PT"), jEta(reader, "Jet.Eta"), jPhi(reader, "Jet.Phi"), jMass(reader, "Jet.Mass");
    Ints eCharge(reader, "Electron.Charge"), mCharge(reader, "Muon.Charge");
    TTreeReaderArray<unsigned> jBTag(reader, "Jet.BTag");
    Floats met(reader, "MissingET.MET"), metPhi(reader, "MissingET.Phi");
    while (reader.Next()) {
      ++events;
      for (Objects& l : event.lists) l.clear();
      event.light.clear();
      select(ePt, eEta, ePhi, 0.00051099895, [&](size_t i) { return eCharge[i]; }, 15, 2.5, event.lists[E]);
      select(mPt, mEta, mPhi, 0.1056583755, [&](size_t i) { return mCharge[i]; }, 15, 2.7, event.lists[Mu]);
      select(gPt, gEta, gPhi, 0, [](size_t) { return 0; }, 20, 2.37, event.lists[G]);
      Objects jets;
      for (size_t i = 0; i < jPt.GetSize(); ++i)
        if (sane(jPt[i], jEta[i], jPhi[i], jMass[i]) && jPt[i] > 20 && std::abs(double(jEta[i])) < 2.8)
          jets.push_back({jPt[i], jEta[i], jPhi[i], jMass[i], 0, (jBTag[i] & 1) != 0});
      sortByPt(jets);
      for (const Object& jet : jets) {
        const int kind = jet.mass >= 200 ? HM : jet.mass >= 110 ? T : jet.mass >= 60 ? V : J;
        (kind == J ? event.light : event.lists[kind]).push_back(jet);
      }
      event.buildZ();
      event.label();
      const double pT = met.GetSize() ? double(met[0]) : 0, phi = metPhi.GetSize() ? double(metPhi[0]) : 0;
      event.masses.clear();
      event.subsets(0, 0, 0, P4{}, pT, pT * std::cos(phi), pT * std::sin(phi));
      const uint64_t category = event.category();
      book.fill(category, event.masses);
      book.fill(category | 7, event.masses);
    }
  }
  book.print(events, list);
}
