// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IRedEnvelope as I} from "../../../contracts/interfaces/IRedEnvelope.sol";
import {RedEnvelope} from "../../../contracts/payments/RedEnvelope.sol";
import {BelievingVerifier} from "../support/EnvelopeFixture.sol";
import {DenyToken} from "../support/HostileTokens.sol";
import {Handler} from "../support/Handler.sol";
import {Walk} from "../support/Walk.sol";

/// @dev Everybody creates, claims and refunds; roots may promise less or more than their envelope holds. The ghost ledger
/// notes what went into each envelope and what came out of it, share by share.
contract EnvelopesHandler is Handler {
    uint256 private constant MOST = 12;
    uint16 private constant LEAVES = 4;

    RedEnvelope public immutable envelopes;

    I.Terms[] private _terms;
    mapping(uint256 envelope => uint128[LEAVES]) private _amounts;
    mapping(uint256 envelope => uint256) public claimed;
    mapping(uint256 envelope => uint256) public refunded;
    mapping(uint256 envelope => mapping(uint256 share => bool)) private paid;
    bool public overpaid;

    constructor(DenyToken token_, RedEnvelope envelopes_) Handler(token_) {
        envelopes = envelopes_;
        approveAll(address(envelopes_));
    }

    function length() external view returns (uint256) {
        return _terms.length;
    }

    function terms(uint256 i) external view returns (I.Terms memory) {
        return _terms[i];
    }

    function create(
        uint256 who,
        uint128[LEAVES] calldata seeds,
        uint8 lie,
        uint16 lifetime,
        bool relayed
    ) external {
        if (_terms.length == MOST) return;
        uint128 total;
        for (uint256 i = 0; i < LEAVES; ++i) {
            uint128 amount = uint128(within(seeds[i], 1, 1e9));
            _amounts[_terms.length][i] = amount;
            total += amount;
        }
        // Each third is honest, promises too little, promises too much.
        if (lie % 3 == 1) total += lie;
        if (lie % 3 == 2) total = total / 2 + 1;
        I.Terms memory t = base(who, total, lifetime);
        t.root = rootOf(_terms.length);
        add(t, who, relayed);
    }

    function createGated(uint256 who, uint128 share, uint16 lifetime, bool relayed) external {
        if (_terms.length == MOST) return;
        I.Terms memory t = base(who, uint128(within(share, 1, 1e9)) * LEAVES, lifetime);
        t.gated = true;
        t.root = bytes32(uint256(777));
        add(t, who, relayed);
    }

    function claim(uint256 seed, uint256 nth, uint256 to) external {
        (bool found, uint256 e) = open(seed);
        if (!found) return;
        if (_terms[e].gated) claimGated(e, nth % LEAVES, actor(to));
        else claimPlain(e, nth % LEAVES, actor(to));
    }

    function claimPlain(uint256 e, uint256 nth, address recipient) private {
        I.Terms memory t = _terms[e];
        bytes32 id = envelopes.envelopeId(t);
        if ((envelopes.envelope(id).claimed >> nth) & 1 != 0) return;
        I.Share memory s = I.Share(uint16(nth), _amounts[e][nth], actors[nth]);
        bytes memory sig = signature(keys[nth], envelopes.claimDigest(id, recipient));
        note(e, nth, s.amount, envelopes.claimShare(t, s, pathOf(e, nth), recipient, sig));
    }

    function claimGated(uint256 e, uint256 nullifier, address recipient) private {
        I.Terms memory t = _terms[e];
        bytes32 id = envelopes.envelopeId(t);
        if (envelopes.nullifierUsed(id, nullifier)) return;
        uint256[8] memory proof = proofOf(t, id, recipient, nullifier);
        note(e, nullifier, t.amount / LEAVES, envelopes.claimGatedShare(t, recipient, nullifier, proof));
    }

    function refund(uint256 seed) external {
        if (_terms.length == 0) return;
        uint256 e = seed % _terms.length;
        I.Terms memory t = _terms[e];
        if (block.timestamp < t.expiry || envelopes.envelope(envelopes.envelopeId(t)).left == 0) return;
        refunded[e] += envelopes.refund(t);
    }

    function collect(uint256 who) external {
        if (envelopes.claimable(actor(who)) == 0 || token.denied(actor(who))) return;
        envelopes.claim(actor(who));
    }

    // --- the leaves' keys are the actors' ---

    function base(uint256 who, uint128 total, uint16 lifetime) private view returns (I.Terms memory t) {
        t.creator = actor(who);
        t.amount = total;
        t.shares = LEAVES;
        t.expiry = uint40(block.timestamp + 1 + (lifetime % 4_000));
        t.salt = bytes32(_terms.length);
    }

    function add(I.Terms memory t, uint256 who, bool relayed) private {
        if (relayed) {
            uint40 deadline = uint40(block.timestamp);
            bytes memory sig = signature(keys[who % ACTORS], envelopes.createDigest(t, deadline));
            envelopes.createFor(t, deadline, sig);
        } else {
            vm.prank(t.creator);
            envelopes.create(t);
        }
        _terms.push(t);
    }

    function open(uint256 seed) private view returns (bool, uint256 e) {
        if (_terms.length == 0) return (false, 0);
        e = seed % _terms.length;
        I.Terms memory t = _terms[e];
        return (block.timestamp < t.expiry && envelopes.envelope(envelopes.envelopeId(t)).left != 0, e);
    }

    function note(uint256 e, uint256 nth, uint128 promised, uint128 amount) private {
        claimed[e] += amount;
        if (amount > promised || paid[e][nth]) overpaid = true;
        paid[e][nth] = true;
    }

    function proofOf(
        I.Terms memory t,
        bytes32 id,
        address recipient,
        uint256 nullifier
    ) private pure returns (uint256[8] memory proof) {
        uint256 message = uint256(keccak256(abi.encode(recipient))) >> 8;
        uint256 scope = uint256(keccak256(abi.encode(id))) >> 8;
        proof[0] = uint256(keccak256(abi.encode([uint256(t.root), nullifier, message, scope])));
    }

    function leaf(uint256 e, uint256 nth) private view returns (bytes32) {
        return keccak256(abi.encode(keccak256(abi.encode(nth, _amounts[e][nth], actors[nth]))));
    }

    function pair(bytes32 a, bytes32 b) private pure returns (bytes32) {
        return a < b ? keccak256(abi.encode(a, b)) : keccak256(abi.encode(b, a));
    }

    function rootOf(uint256 e) private view returns (bytes32) {
        return pair(pair(leaf(e, 0), leaf(e, 1)), pair(leaf(e, 2), leaf(e, 3)));
    }

    function pathOf(uint256 e, uint256 nth) private view returns (bytes32[] memory path) {
        path = new bytes32[](2);
        path[0] = leaf(e, nth ^ 1);
        path[1] = nth < 2 ? pair(leaf(e, 2), leaf(e, 3)) : pair(leaf(e, 0), leaf(e, 1));
    }
}

contract EnvelopesInvariants is Walk {
    DenyToken private token;
    RedEnvelope private envelopes;
    EnvelopesHandler private handler;

    function setUp() public {
        vm.warp(1_700_000_000);
        token = new DenyToken();
        envelopes = new RedEnvelope(token, new BelievingVerifier());
        handler = new EnvelopesHandler(token, envelopes);
        walkOver(handler);
    }

    function left(uint256 e) private view returns (uint256) {
        return envelopes.envelope(envelopes.envelopeId(handler.terms(e))).left;
    }

    /// After every call.
    function invariant_holds() public view {
        ok(!handler.overpaid(), "paid <= promised, and once");
        if (isCounted()) sums();
    }

    /// After every walk.
    function afterInvariant() public {
        sums();
        everyEnvelopeHasAWayOut();
    }

    function sums() private view {
        tokensHeldAreWhatIsUnclaimedAndClaimables();
        everyEnvelopeGivesOutExactlyItsDeposit();
    }

    function tokensHeldAreWhatIsUnclaimedAndClaimables() private view {
        uint256 sum;
        for (uint256 e = 0; e < handler.length(); ++e) sum += left(e);
        for (uint256 i = 0; i < handler.count(); ++i) sum += envelopes.claimable(handler.actors(i));
        eq(token.balanceOf(address(envelopes)), sum, "held = unclaimed + claimable");
    }

    function everyEnvelopeGivesOutExactlyItsDeposit() private view {
        for (uint256 e = 0; e < handler.length(); ++e) {
            uint256 out = handler.claimed(e) + handler.refunded(e) + left(e);
            eq(handler.terms(e).amount, out, "deposit = claims + refund + left");
        }
    }

    /// Whatever happened, once all have expired a stranger empties the contract, to those whose money it is.
    function everyEnvelopeHasAWayOut() private {
        for (uint256 e = 0; e < handler.length(); ++e) {
            I.Terms memory t = handler.terms(e);
            if (left(e) == 0) continue;
            if (block.timestamp < t.expiry) vm.warp(t.expiry);
            envelopes.refund(t);
        }
        for (uint256 i = 0; i < handler.count(); ++i) {
            address who = handler.actors(i);
            token.deny(who, false, DenyToken.Manner.Revert);
            if (envelopes.claimable(who) != 0) envelopes.claim(who);
        }
        eq(token.balanceOf(address(envelopes)), 0, "nothing stays");
    }
}
