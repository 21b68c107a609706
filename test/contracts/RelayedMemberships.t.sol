// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IHomeFees} from "../../contracts/interfaces/IHomeFees.sol";
import {IMembershipRegistry as I} from "../../contracts/interfaces/IMembershipRegistry.sol";
import {IRelayedMemberships as IRelayed} from "../../contracts/interfaces/IRelayedMemberships.sol";
import {ISigned} from "../../contracts/interfaces/ISigned.sol";
import {ITokenCustody} from "../../contracts/interfaces/ITokenCustody.sol";
import {ContractWallet} from "./support/ContractWallet.sol";
import {MembershipFixture} from "./support/MembershipFixture.sol";

/// alice signs, mallory relays.
contract RelayedMembershipsTest is MembershipFixture {
    uint32 private constant HOME = 1;
    uint40 private deadline;
    I.Registration private wanted;

    function setUp() public override {
        super.setUp();
        eq(goodOperator(carol), HOME, "home");
        deadline = uint40(block.timestamp) + 100;
        wanted = registration(commitmentOf(SECRET), 100, alice, HOME);
    }

    function price() private pure returns (uint256) {
        return 100 * (uint256(DEPOSIT) + FEE);
    }

    function signRegister(I.Registration memory r) private view returns (bytes memory) {
        return signature(aliceKey, registry.registerDigest(r, price(), alice, deadline));
    }

    function signRenew(uint256 id, address holder) private view returns (bytes memory) {
        uint40 expiry = registry.member(id, holder).expiry;
        bytes32 digest = registry.renewDigest(id, holder, expiry, 100 * FEE, alice, deadline);
        return signature(aliceKey, digest);
    }

    function signExit(uint256 id, uint16 nonce) private view returns (bytes memory) {
        return signature(aliceKey, registry.exitDigest(id, alice, nonce, deadline));
    }

    function signSetHome(uint256 id, uint32 home, uint16 nonce) private view returns (bytes memory) {
        return signature(aliceKey, registry.setHomeDigest(id, alice, home, nonce, deadline));
    }

    function refuses(bytes memory sig, I.Registration memory r) private {
        refuses(sig, r, price(), alice, deadline);
    }

    function refuses(
        bytes memory sig,
        I.Registration memory r,
        uint256 maxPrice,
        address payer,
        uint40 until
    ) private {
        vm.prank(mallory);
        vm.expectRevert(abi.encodeWithSelector(ISigned.BadSignature.selector, payer));
        registry.registerFor(r, maxPrice, payer, until, sig);
    }

    // --- registerFor ---

    function test_registerFor_takesThePriceFromWhoSigned() public {
        bytes memory sig = signRegister(wanted);
        vm.prank(mallory);
        uint32 index = registry.registerFor(wanted, price(), alice, deadline, sig);
        eq(index, 0, "index");
        eq(token.balanceOf(alice), WEALTH - price(), "alice pays");
        eq(token.balanceOf(mallory), WEALTH, "the relayer does not");
        I.Member memory m = registry.member(wanted.idCommitment, alice);
        eq(m.home, HOME, "home");
        eq(m.rateLimit, 100, "limit");
    }

    function test_registerFor_makesAGift() public {
        wanted.holder = bob;
        bytes memory sig = signRegister(wanted);
        registry.registerFor(wanted, price(), alice, deadline, sig);
        eq(token.balanceOf(alice), WEALTH - price(), "alice pays");
        eq(uint8(registry.member(wanted.idCommitment, bob).state), uint8(I.State.Active), "bob holds");
    }

    function test_registerFor_refusesAnythingElseThanWhatWasSigned() public {
        bytes memory sig = signRegister(wanted);
        I.Registration memory r = wanted;
        r.idCommitment = commitmentOf(SECRET + 1);
        refuses(sig, r);
        r = wanted;
        r.rateLimit = 99;
        refuses(sig, r);
        r = wanted;
        r.holder = mallory;
        refuses(sig, r);
        r = wanted;
        r.home = 0;
        refuses(sig, r);
        refuses(sig, wanted, price() + 1, alice, deadline);
        refuses(sig, wanted, price(), bob, deadline);
        refuses(sig, wanted, price(), alice, deadline + 1);
        refuses("", wanted);
        refuses(bytes.concat(sig, "0"), wanted);
    }

    function test_registerFor_refusesAfterTheDeadline() public {
        bytes memory sig = signRegister(wanted);
        vm.warp(deadline + 1);
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignatureExpired.selector, deadline));
        registry.registerFor(wanted, price(), alice, deadline, sig);
        vm.warp(deadline); // still good in its last second
        registry.registerFor(wanted, price(), alice, deadline, sig);
    }

    function test_registerFor_refusesASecondTime() public {
        bytes memory sig = signRegister(wanted);
        registry.registerFor(wanted, price(), alice, deadline, sig);
        vm.expectRevert(abi.encodeWithSelector(I.AlreadyRegistered.selector, wanted.idCommitment, alice));
        registry.registerFor(wanted, price(), alice, deadline, sig);
    }

    function test_registerFor_refusesAPriceAboveWhatWasSigned() public {
        bytes32 digest = registry.registerDigest(wanted, price() - 1, alice, deadline);
        bytes memory sig = signature(aliceKey, digest);
        vm.expectRevert(abi.encodeWithSelector(I.PriceTooHigh.selector, price(), price() - 1));
        registry.registerFor(wanted, price() - 1, alice, deadline, sig);
    }

    function test_registerFor_namesTheRelayersOperatorIfThePayerLeftItOpen() public {
        wanted.home = registry.RELAYER_HOME();
        bytes memory sig = signRegister(wanted);
        vm.prank(mallory);
        vm.expectRevert(abi.encodeWithSelector(IRelayed.NotAnOperator.selector, mallory));
        registry.registerFor(wanted, price(), alice, deadline, sig);

        nameNode(HOME, bob);
        vm.prank(bob);
        registry.registerFor(wanted, price(), alice, deadline, sig);
        eq(registry.member(wanted.idCommitment, alice).home, HOME, "the home of who relayed it");
    }

    function test_registerFor_keepsASignedHomeWhoeverRelays() public {
        wanted.home = 0;
        nameNode(HOME, bob);
        bytes memory sig = signRegister(wanted);
        vm.prank(bob);
        registry.registerFor(wanted, price(), alice, deadline, sig);
        eq(registry.member(wanted.idCommitment, alice).home, 0, "burned, as signed");
    }

    function test_register_refusesToLeaveTheHomeOpen() public {
        uint32 open = registry.RELAYER_HOME();
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(I.UnknownHome.selector, open));
        registry.register(1, 1, alice, open, ANY_PRICE);
    }

    function test_registerFor_asksAContractThatPays() public {
        ContractWallet wallet = new ContractWallet();
        fund(address(wallet));
        wallet.act(address(token), abi.encodeCall(token.approve, (address(registry), ANY_PRICE)));
        bytes32 digest = registry.registerDigest(wanted, price(), address(wallet), deadline);
        refuses("", wanted, price(), address(wallet), deadline);
        wallet.sign(digest, true);
        registry.registerFor(wanted, price(), address(wallet), deadline, "");
        eq(token.balanceOf(address(wallet)), WEALTH - price(), "the wallet pays");
    }

    /// Nobody needs native coin to start: allowance and registration in one call of the relayer.
    function test_registerFor_withThePayersPermitInOneCall() public {
        vm.prank(alice);
        token.approve(address(registry), 0);
        (uint8 v, bytes32 r, bytes32 s) = signPermit(aliceKey, address(registry), price());
        bytes[] memory calls = new bytes[](2);
        calls[0] = abi.encodeCall(ITokenCustody.tryPermitFor, (alice, price(), block.timestamp, v, r, s));
        bytes memory sig = signRegister(wanted);
        calls[1] = abi.encodeCall(IRelayed.registerFor, (wanted, price(), alice, deadline, sig));
        vm.prank(bob);
        registry.multicall(calls);
        eq(token.balanceOf(alice), WEALTH - price(), "alice pays");
    }

    // --- renewFor ---

    function test_renewFor_takesTheFeeFromWhoSigned() public {
        uint256 id = join(SECRET, 100, bob); // somebody else's membership
        uint40 expiry = registry.member(id, bob).expiry;
        bytes memory sig = signRenew(id, bob);
        vm.prank(mallory);
        registry.renewFor(id, bob, 100 * FEE, alice, deadline, sig);
        eq(registry.member(id, bob).expiry, expiry + TERM, "a term more");
        eq(registry.member(id, bob).nonce, 0, "what bob signed holds");
        eq(token.balanceOf(alice), WEALTH - 100 * FEE, "alice pays");
    }

    function test_renewFor_worksOnceForTheExpiryThatWasSigned() public {
        uint256 id = join(SECRET, 100, alice);
        bytes memory sig = signRenew(id, alice);
        registry.renewFor(id, alice, 100 * FEE, alice, deadline, sig);
        vm.expectRevert(abi.encodeWithSelector(ISigned.BadSignature.selector, alice));
        registry.renewFor(id, alice, 100 * FEE, alice, deadline, sig);

        sig = signRenew(id, alice);
        renew(id, alice); // she did it herself meanwhile
        vm.expectRevert(abi.encodeWithSelector(ISigned.BadSignature.selector, alice));
        registry.renewFor(id, alice, 100 * FEE, alice, deadline, sig);
    }

    function test_renewFor_refusesAnythingElseThanWhatWasSigned() public {
        uint256 id = join(SECRET, 100, alice);
        join(SECRET + 1, 100, alice);
        bytes memory sig = signRenew(id, alice);
        bytes memory refusal = abi.encodeWithSelector(ISigned.BadSignature.selector, alice);
        uint256 other = commitmentOf(SECRET + 1);
        vm.expectRevert(refusal);
        registry.renewFor(other, alice, 100 * FEE, alice, deadline, sig);
        vm.expectRevert(refusal);
        registry.renewFor(id, alice, 100 * FEE + 1, alice, deadline, sig);
        vm.expectRevert(refusal);
        registry.renewFor(id, alice, 100 * FEE, alice, deadline + 1, sig);
        vm.expectRevert(abi.encodeWithSelector(ISigned.BadSignature.selector, bob));
        registry.renewFor(id, alice, 100 * FEE, bob, deadline, sig);
        vm.warp(deadline + 1);
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignatureExpired.selector, deadline));
        registry.renewFor(id, alice, 100 * FEE, alice, deadline, sig);
    }

    // --- exitFor ---

    function test_exitFor_exitsForTheHolder() public {
        uint256 id = join(SECRET, 100, alice);
        bytes memory sig = signExit(id, 0);
        vm.prank(mallory);
        registry.exitFor(id, alice, deadline, sig);
        I.Member memory m = registry.member(id, alice);
        eq(uint8(m.state), uint8(I.State.Exited), "exited");
        eq(m.nonce, 1, "nonce");
        eq(m.withdrawableAt, block.timestamp + EXIT_DELAY, "the delay runs");
    }

    function test_exitFor_refusesAnotherNonceHolderMemberOrTime() public {
        uint256 id = join(SECRET, 100, alice);
        join(SECRET, 100, bob);
        uint256 other = join(SECRET + 1, 100, alice);
        bytes memory refusal = abi.encodeWithSelector(ISigned.BadSignature.selector, alice);
        bytes memory sig = signExit(id, 1);
        vm.expectRevert(refusal);
        registry.exitFor(id, alice, deadline, sig);
        sig = signExit(id, 0);
        vm.expectRevert(refusal);
        registry.exitFor(other, alice, deadline, sig);
        vm.expectRevert(refusal);
        registry.exitFor(id, alice, deadline + 1, sig);
        vm.expectRevert(abi.encodeWithSelector(ISigned.BadSignature.selector, bob));
        registry.exitFor(id, bob, deadline, sig);
        vm.warp(deadline + 1);
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignatureExpired.selector, deadline));
        registry.exitFor(id, alice, deadline, sig);
    }

    // --- setHomeFor ---

    function test_setHomeFor_setsTheHomeOnceForEachSignature() public {
        uint256 id = join(SECRET, 100, alice);
        bytes memory there = signSetHome(id, HOME, 0);
        vm.prank(mallory);
        registry.setHomeFor(id, alice, HOME, deadline, there);
        eq(registry.member(id, alice).home, HOME, "home");
        bytes memory back = signSetHome(id, 0, 1);
        registry.setHomeFor(id, alice, 0, deadline, back);
        vm.expectRevert(abi.encodeWithSelector(ISigned.BadSignature.selector, alice));
        registry.setHomeFor(id, alice, HOME, deadline, there);
    }

    function test_setHomeFor_isVoidOnceTheHolderChoseItself() public {
        uint256 id = join(SECRET, 100, alice);
        bytes memory sig = signSetHome(id, HOME, 0);
        setHome(id, alice, 0);
        vm.expectRevert(abi.encodeWithSelector(ISigned.BadSignature.selector, alice));
        registry.setHomeFor(id, alice, HOME, deadline, sig);
    }

    function test_setHomeFor_refusesAnotherHomeOrTime() public {
        uint256 id = join(SECRET, 100, alice);
        bytes memory sig = signSetHome(id, HOME, 0);
        vm.expectRevert(abi.encodeWithSelector(ISigned.BadSignature.selector, alice));
        registry.setHomeFor(id, alice, 0, deadline, sig);
        vm.warp(deadline + 1);
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignatureExpired.selector, deadline));
        registry.setHomeFor(id, alice, HOME, deadline, sig);
    }

    function test_setHomeFor_refusesForAStranger() public {
        bytes memory sig = signSetHome(1, HOME, 0);
        vm.expectRevert(abi.encodeWithSelector(IHomeFees.UnknownMember.selector, 1, alice));
        registry.setHomeFor(1, alice, HOME, deadline, sig);
    }

    /// The last nonce can't be signed with, or the first would come again; the holder still acts itself.
    function test_nonce_doesNotComeTwice() public {
        uint256 id = join(SECRET, 100, alice);
        bytes32 inner = keccak256(abi.encode(id, uint256(2))); // _members, slot 2
        bytes32 slot = keccak256(abi.encode(alice, inner));
        vm.store(address(registry), slot, bytes32(memberWord(id) | (uint256(type(uint16).max) << 208)));
        eq(registry.member(id, alice).nonce, type(uint16).max, "last nonce");
        bytes memory sig = signSetHome(id, HOME, type(uint16).max);
        bytes memory exitSig = signExit(id, type(uint16).max);
        bytes memory refusal = abi.encodeWithSelector(IRelayed.NoncesUsedUp.selector, id, alice);
        vm.expectRevert(refusal);
        registry.setHomeFor(id, alice, HOME, deadline, sig);
        vm.expectRevert(refusal);
        registry.exitFor(id, alice, deadline, exitSig);
        setHome(id, alice, HOME);
        eq(registry.member(id, alice).nonce, type(uint16).max, "stays");
        exit(id, alice);
    }

    /// @dev The slot as MemberSlot packs it.
    function memberWord(uint256 id) private view returns (uint256) {
        I.Member memory m = registry.member(id, alice);
        return
            uint256(m.state) |
            (uint256(m.rateLimit) << 8) |
            (uint256(m.index) << 24) |
            (uint256(m.home) << 56) |
            (uint256(m.expiry) << 88) |
            (uint256(m.claimedUntil) << 128);
    }
}
