// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IRedEnvelope} from "../../../contracts/interfaces/IRedEnvelope.sol";
import {ISemaphoreVerifier} from "../../../contracts/interfaces/ISemaphoreVerifier.sol";
import {RedEnvelope} from "../../../contracts/payments/RedEnvelope.sol";
import {LocalToken} from "../../../contracts/token/LocalToken.sol";
import {SemaphoreVerifier} from "../../../contracts/verifiers/SemaphoreVerifier.sol";
import {Fixture} from "./Fixture.sol";
import {SemaphoreProofs} from "./SemaphoreProofs.sol";

/// @dev Believes the proof whose first word is the hash of the inputs, so that tests can make one.
contract BelievingVerifier is ISemaphoreVerifier {
    function verify(uint256[8] calldata proof, uint256[4] calldata inputs) external pure returns (bool) {
        return proof[0] == uint256(keccak256(abi.encode(inputs)));
    }
}

/// @dev Shares, trees, keys and signatures of envelopes; from alice unless said otherwise.
abstract contract EnvelopeFixture is Fixture {
    uint40 internal constant LIFETIME = 1 days;

    RedEnvelope internal envelopes;

    function setUp() public virtual override {
        super.setUp();
        useEnvelopes(IERC20(address(token)), newVerifier());
    }

    function newVerifier() internal virtual returns (ISemaphoreVerifier) {
        return new BelievingVerifier();
    }

    /// @dev Deploys from an account of its own, so that the address, and with it every name, stays the same.
    function useEnvelopes(IERC20 token_, ISemaphoreVerifier verifier) internal {
        (address deployer, ) = account("envelope deployer");
        token = token_;
        vm.prank(deployer);
        envelopes = new RedEnvelope(token_, verifier);
        address[4] memory people = [alice, bob, carol, mallory];
        for (uint256 i = 0; i < people.length; ++i) allow(people[i]);
    }

    function allow(address who) internal {
        LocalToken(address(token)).mint(who, WEALTH);
        vm.prank(who);
        token.approve(address(envelopes), type(uint256).max);
    }

    // --- shares ---

    function claimKey(uint256 index) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode("claim key", index)));
    }

    /// @dev `count` shares of 10, 20, 30, …
    function sharesOf(uint16 count) internal pure returns (IRedEnvelope.Share[] memory shares) {
        shares = new IRedEnvelope.Share[](count);
        for (uint16 i = 0; i < count; ++i) {
            shares[i] = IRedEnvelope.Share(i, 10 * (uint128(i) + 1), vm.addr(claimKey(i)));
        }
    }

    function sum(IRedEnvelope.Share[] memory shares) internal pure returns (uint128 total) {
        for (uint256 i = 0; i < shares.length; ++i) total += shares[i].amount;
    }

    /// @dev A level of the tree; a node without a sibling goes up as it is.
    function parents(bytes32[] memory nodes) private pure returns (bytes32[] memory above) {
        above = new bytes32[]((nodes.length + 1) / 2);
        for (uint256 i = 0; i < above.length; ++i) {
            (bytes32 a, bool paired) = (nodes[2 * i], 2 * i + 1 < nodes.length);
            bytes32 b = paired ? nodes[2 * i + 1] : a;
            if (!paired) above[i] = a;
            else above[i] = a < b ? keccak256(abi.encode(a, b)) : keccak256(abi.encode(b, a));
        }
    }

    function leavesOf(IRedEnvelope.Share[] memory shares) internal pure returns (bytes32[] memory leaves) {
        leaves = new bytes32[](shares.length);
        for (uint256 i = 0; i < shares.length; ++i) {
            IRedEnvelope.Share memory s = shares[i];
            leaves[i] = keccak256(abi.encode(keccak256(abi.encode(s.index, s.amount, s.key))));
        }
    }

    function rootOf(IRedEnvelope.Share[] memory shares) internal pure returns (bytes32) {
        bytes32[] memory nodes = leavesOf(shares);
        while (nodes.length > 1) nodes = parents(nodes);
        return nodes[0];
    }

    function pathOf(
        IRedEnvelope.Share[] memory shares,
        uint256 nth
    ) internal pure returns (bytes32[] memory path) {
        bytes32[] memory found = new bytes32[](16);
        uint256 length;
        for (bytes32[] memory nodes = leavesOf(shares); nodes.length > 1; nodes = parents(nodes)) {
            uint256 sibling = nth ^ 1;
            if (sibling < nodes.length) found[length++] = nodes[sibling];
            nth >>= 1;
        }
        path = new bytes32[](length);
        for (uint256 i = 0; i < length; ++i) path[i] = found[i];
    }

    // --- envelopes ---

    function termsOf(IRedEnvelope.Share[] memory shares) internal view returns (IRedEnvelope.Terms memory) {
        return
            IRedEnvelope.Terms({
                creator: alice,
                amount: sum(shares),
                shares: uint16(shares.length),
                expiry: uint40(block.timestamp) + LIFETIME,
                gated: false,
                root: rootOf(shares),
                salt: "envelope"
            });
    }

    /// @dev `count` equal shares of 100 for a group.
    function gatedTerms(uint16 count) internal view returns (IRedEnvelope.Terms memory) {
        return
            IRedEnvelope.Terms({
                creator: alice,
                amount: 100 * uint128(count),
                shares: count,
                expiry: uint40(block.timestamp) + LIFETIME,
                gated: true,
                root: bytes32(uint256(777)),
                salt: "gated"
            });
    }

    function createEnvelope(IRedEnvelope.Terms memory t) internal returns (bytes32 id) {
        vm.prank(t.creator);
        return envelopes.create(t);
    }

    function signClaim(uint256 index, bytes32 id, address recipient) internal view returns (bytes memory) {
        return signature(claimKey(index), envelopes.claimDigest(id, recipient));
    }

    /// @dev mallory relays the claim of share `nth` to `recipient`.
    function claimFor(
        IRedEnvelope.Terms memory t,
        IRedEnvelope.Share[] memory shares,
        uint256 nth,
        address recipient
    ) internal returns (uint128) {
        bytes memory sig = signClaim(shares[nth].index, envelopes.envelopeId(t), recipient);
        vm.prank(mallory);
        return envelopes.claimShare(t, shares[nth], pathOf(shares, nth), recipient, sig);
    }

    function toField(uint256 value) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode(value))) >> 8;
    }

    /// @dev What BelievingVerifier believes.
    function proofOf(
        IRedEnvelope.Terms memory t,
        address recipient,
        uint256 nullifier
    ) internal view returns (uint256[8] memory proof) {
        uint256 scope = toField(uint256(envelopes.envelopeId(t)));
        uint256[4] memory inputs = [uint256(t.root), nullifier, toField(uint160(recipient)), scope];
        proof[0] = uint256(keccak256(abi.encode(inputs)));
    }

    function claimGatedFor(
        IRedEnvelope.Terms memory t,
        uint256 nullifier,
        address recipient
    ) internal returns (uint128) {
        uint256[8] memory proof = proofOf(t, recipient, nullifier);
        vm.prank(mallory);
        return envelopes.claimGatedShare(t, recipient, nullifier, proof);
    }
}

/// @dev Envelopes with the real verifier, and the terms that SemaphoreProofs are made for.
abstract contract GateFixture is EnvelopeFixture {
    function newVerifier() internal override returns (ISemaphoreVerifier) {
        return new SemaphoreVerifier();
    }

    function provenTerms() internal view returns (IRedEnvelope.Terms memory t) {
        t = gatedTerms(3);
        t.root = bytes32(SemaphoreProofs.ROOT);
        eq(envelopes.envelopeId(t), SemaphoreProofs.ENVELOPE, "run `npm run semaphore -- --vectors`");
    }
}
