// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IMembershipRegistry as I} from "../../contracts/interfaces/IMembershipRegistry.sol";
import {ITokenCustody} from "../../contracts/interfaces/ITokenCustody.sol";
import {MembershipRegistry} from "../../contracts/membership/MembershipRegistry.sol";
import {nextLedger} from "./support/Ledger.sol";
import {MembershipFixture} from "./support/MembershipFixture.sol";

contract MembershipRegistryTest is MembershipFixture {
    // --- constructor ---

    function test_constructor_refusesAnExitDelayWithinRootWindowAndThreeEpochs() public {
        I.Params memory p = params();
        p.exitDelay = p.rootWindow + 3 * p.epochSeconds;
        vm.expectRevert(I.BadParams.selector);
        new MembershipRegistry(token, staking, p);
    }

    function test_constructor_refusesZeroEpochTermOrCommitmentWindow() public {
        for (uint256 i = 0; i < 4; ++i) {
            I.Params memory p = params();
            if (i == 0) p.epochSeconds = 0;
            else if (i == 1) p.term = 0;
            else if (i == 2) p.commitMinBlocks = 0;
            else p.commitMaxAge = 0;
            vm.expectRevert(I.BadParams.selector);
            new MembershipRegistry(token, staking, p);
        }
    }

    // --- register ---

    function test_register_refusesABadCommitment() public {
        uint256[3] memory bad = [0, FIELD, type(uint256).max];
        for (uint256 i = 0; i < bad.length; ++i) {
            vm.prank(alice);
            vm.expectRevert(abi.encodeWithSelector(I.BadIdCommitment.selector, bad[i]));
            registry.register(bad[i], 1, alice, 0, type(uint256).max);
        }
    }

    function test_register_refusesALimitOutside1To600() public {
        uint16[3] memory bad = [0, 601, type(uint16).max];
        for (uint256 i = 0; i < bad.length; ++i) {
            vm.prank(alice);
            vm.expectRevert(abi.encodeWithSelector(I.BadRateLimit.selector, bad[i]));
            registry.register(1, bad[i], alice, 0, type(uint256).max);
            vm.expectRevert(abi.encodeWithSelector(I.BadRateLimit.selector, bad[i]));
            registry.price(bad[i]);
        }
    }

    function test_register_refusesHolderZero() public {
        vm.prank(alice);
        vm.expectRevert(ITokenCustody.ZeroAddress.selector);
        registry.register(1, 1, address(0), 0, type(uint256).max);
    }

    function test_register_refusesAnUnknownHome() public {
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(I.UnknownHome.selector, 7));
        registry.register(1, 1, alice, 7, type(uint256).max);
    }

    function test_register_refusesASecondTimeEvenAfterWithdrawal() public {
        uint256 id = join(SECRET, 10, alice);
        bytes memory refusal = abi.encodeWithSelector(I.AlreadyRegistered.selector, id, alice);
        vm.prank(bob);
        vm.expectRevert(refusal);
        registry.register(id, 10, alice, 0, type(uint256).max);

        vm.prank(alice);
        registry.exit(id);
        skip(EXIT_DELAY);
        registry.withdraw(id, alice);
        vm.prank(alice);
        vm.expectRevert(refusal);
        registry.register(id, 10, alice, 0, type(uint256).max);
    }

    function testFuzz_register_takesThePriceAndStoresTheMember(uint256 id, uint16 limit) public {
        id = within(id, 1, FIELD - 1);
        limit = uint16(within(limit, 1, 600));
        uint40 expiry = uint40(block.timestamp) + TERM;
        bytes32 head = nextLedger(0, 1, 0, id, bob, limit, expiry);
        (uint256 deposit, uint256 fee) = registry.price(limit);

        vm.expectEmit();
        emit I.MemberRegistered(id, bob, 0, limit, expiry, 0, head);
        vm.prank(alice); // a gift: alice pays, bob holds
        uint32 index = registry.register(id, limit, bob, 0, deposit + fee);

        eq(index, 0, "first index");
        eq(registry.memberCount(), 1, "member count");
        eq(registry.ledger(), head, "ledger hash");
        eq(token.balanceOf(alice), WEALTH - uint256(limit) * (DEPOSIT + FEE), "payer paid deposit and fee");
        eq(token.balanceOf(address(registry)), deposit + fee, "registry holds deposit and fee");
        I.Member memory m = registry.member(id, bob);
        eq(uint8(m.state), uint8(I.State.Active), "state");
        eq(m.rateLimit, limit, "limit");
        eq(m.expiry, expiry, "expiry");
    }

    function test_register_givesConsecutiveIndexes() public {
        for (uint256 i = 0; i < 5; ++i) {
            uint256 id = join(SECRET + i, 1, alice);
            eq(registry.member(id, alice).index, i, "index");
        }
    }

    // --- registerMany ---

    function test_registerMany_takesOnePaymentForAll() public {
        I.Registration[] memory many = new I.Registration[](3);
        many[0] = registration(commitmentOf(SECRET), 1, alice, 0);
        many[1] = registration(commitmentOf(SECRET), 600, bob, 0); // the same commitment, another holder
        many[2] = registration(commitmentOf(SECRET + 1), 20, carol, 0);
        join(SECRET + 2, 1, mallory);
        bytes32 head = registry.ledger();
        uint40 expiry = uint40(block.timestamp) + TERM;
        for (uint32 i = 0; i < 3; ++i) {
            I.Registration memory r = many[i];
            head = nextLedger(head, 1, i + 1, r.idCommitment, r.holder, r.rateLimit, expiry);
            vm.expectEmit();
            emit I.MemberRegistered(r.idCommitment, r.holder, i + 1, r.rateLimit, expiry, 0, head);
        }
        uint256 cost = 621 * (uint256(DEPOSIT) + FEE);
        vm.prank(alice);
        eq(registry.registerMany(many, cost), 1, "first index");
        eq(registry.ledger(), head, "ledger hash over all");
        eq(registry.memberCount(), 4, "member count");
        eq(token.balanceOf(alice), WEALTH - cost, "the caller paid for all");
        for (uint32 i = 0; i < 3; ++i)
            eq(registry.member(many[i].idCommitment, many[i].holder).index, i + 1, "consecutive");
    }

    function test_registerMany_refusesAnEmptyBatch() public {
        vm.expectRevert(I.NoRegistrations.selector);
        registry.registerMany(new I.Registration[](0), 0);
    }

    function test_registerMany_refusesAPriceAboveMaxPriceForAll() public {
        I.Registration[] memory many = new I.Registration[](2);
        many[0] = registration(1, 10, alice, 0);
        many[1] = registration(2, 10, alice, 0);
        uint256 cost = 20 * (uint256(DEPOSIT) + FEE);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(I.PriceTooHigh.selector, cost, cost - 1));
        registry.registerMany(many, cost - 1);
    }

    function test_registerMany_refusesAllForOne() public {
        I.Registration[] memory many = new I.Registration[](2);
        many[0] = registration(1, 10, alice, 0);
        many[1] = registration(1, 10, alice, 0);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(I.AlreadyRegistered.selector, 1, alice));
        registry.registerMany(many, type(uint256).max);
        many[1] = registration(2, 601, alice, 0);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(I.BadRateLimit.selector, 601));
        registry.registerMany(many, type(uint256).max);
        eq(registry.memberCount(), 0, "none of them is a member");
    }

    function test_register_refusesWhenAllIndexesAreTaken() public {
        pretendMembers(type(uint32).max - 1);
        uint256 id = join(SECRET, 1, alice);
        eq(registry.member(id, alice).index, type(uint32).max - 1, "the last index");
        vm.prank(alice);
        vm.expectRevert(I.RegistryFull.selector);
        registry.register(1, 1, alice, 0, type(uint256).max);
    }

    /// With a permit, joining is one transaction of one's own.
    function test_register_withAPermitInOneCall() public {
        vm.prank(alice);
        token.approve(address(registry), 0);
        uint256 cost = 10 * (uint256(DEPOSIT) + FEE);
        (uint8 v, bytes32 r, bytes32 s) = signPermit(aliceKey, address(registry), cost);
        bytes[] memory calls = new bytes[](2);
        calls[0] = abi.encodeCall(ITokenCustody.tryPermit, (cost, block.timestamp, v, r, s));
        calls[1] = abi.encodeCall(I.register, (commitmentOf(SECRET), 10, alice, 0, cost));
        vm.prank(alice);
        registry.multicall(calls);
        eq(registry.memberCount(), 1, "joined");
        eq(token.balanceOf(alice), WEALTH - cost, "paid");
    }

    // --- renew ---

    function test_renew_addsATermAndKeepsTheIndex() public {
        uint256 id = join(SECRET, 10, alice);
        bytes32 before = registry.ledger();
        uint40 expiry = registry.member(id, alice).expiry + TERM;
        bytes32 head = nextLedger(before, 2, 0, id, alice, 10, expiry);
        vm.expectEmit();
        emit I.MemberRenewed(id, alice, 0, expiry, head);
        vm.prank(bob); // anyone may pay
        registry.renew(id, alice, 10 * FEE);
        eq(registry.ledger(), head, "ledger hash");
        eq(token.balanceOf(bob), WEALTH - 10 * FEE, "the caller paid the fee");
    }

    function test_renew_countsFromTheOldExpiryInTheGracePeriod() public {
        uint256 id = join(SECRET, 10, alice);
        uint40 expiry = registry.member(id, alice).expiry;
        vm.warp(expiry + GRACE); // the last second of it
        renew(id, alice);
        eq(registry.member(id, alice).expiry, expiry + TERM, "counts from the old expiry");
    }

    function test_renew_refusesAfterTheGracePeriod() public {
        uint256 id = join(SECRET, 10, alice);
        uint256 end = uint256(registry.member(id, alice).expiry) + GRACE;
        vm.warp(end + 1);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(I.TermOver.selector, id, alice, end));
        registry.renew(id, alice, type(uint256).max);
    }

    function test_renew_refusesAFeeAboveMaxPrice() public {
        uint256 id = join(SECRET, 10, alice);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(I.PriceTooHigh.selector, 10 * FEE, 10 * FEE - 1));
        registry.renew(id, alice, 10 * FEE - 1);
    }

    function test_renew_refusesAStrangerAndAnExitedMember() public {
        vm.expectRevert(abi.encodeWithSelector(I.NotActive.selector, 1, alice, I.State.None));
        registry.renew(1, alice, type(uint256).max);
        uint256 id = join(SECRET, 10, alice);
        vm.prank(alice);
        registry.exit(id);
        vm.expectRevert(abi.encodeWithSelector(I.NotActive.selector, id, alice, I.State.Exited));
        registry.renew(id, alice, type(uint256).max);
    }

    // --- exit, withdraw ---

    function test_exit_isTheHoldersOnly() public {
        uint256 id = join(SECRET, 10, alice);
        vm.prank(mallory);
        vm.expectRevert(abi.encodeWithSelector(I.NotActive.selector, id, mallory, I.State.None));
        registry.exit(id);
    }

    function test_exit_recordsTheChangeAndStartsTheDelay() public {
        uint256 id = join(SECRET, 10, alice);
        I.Member memory m = registry.member(id, alice);
        bytes32 head = nextLedger(registry.ledger(), 3, 0, id, alice, 10, m.expiry);
        vm.expectEmit();
        emit I.MemberExited(id, alice, 0, head);
        vm.prank(alice);
        registry.exit(id);
        eq(registry.ledger(), head, "ledger hash");
        eq(registry.member(id, alice).withdrawableAt, block.timestamp + EXIT_DELAY, "withdrawable");
    }

    function test_exit_refusesAfterTheGracePeriod() public {
        uint256 id = join(SECRET, 10, alice);
        uint256 end = uint256(registry.member(id, alice).expiry) + GRACE;
        vm.warp(end + 1);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(I.TermOver.selector, id, alice, end));
        registry.exit(id);
    }

    function test_withdraw_waitsForTheExitDelayThenPaysTheHolderOnce() public {
        uint256 id = join(SECRET, 10, alice);
        vm.prank(alice);
        registry.exit(id);
        uint256 ready = block.timestamp + EXIT_DELAY;
        vm.warp(ready - 1);
        vm.expectRevert(abi.encodeWithSelector(I.NotWithdrawable.selector, id, alice, I.State.Exited, ready));
        registry.withdraw(id, alice);

        vm.warp(ready);
        uint256 before = token.balanceOf(alice);
        vm.prank(mallory); // whoever calls
        registry.withdraw(id, alice);
        eq(token.balanceOf(alice) - before, 10 * DEPOSIT, "the holder has its deposit");
        vm.expectRevert(abi.encodeWithSelector(I.NotWithdrawable.selector, id, alice, I.State.Withdrawn, 0));
        registry.withdraw(id, alice);
    }

    function test_withdraw_needsNoExitAnExitDelayAfterTheGracePeriod() public {
        uint256 id = join(SECRET, 10, alice);
        uint256 ready = uint256(registry.member(id, alice).expiry) + GRACE + EXIT_DELAY + 1;
        vm.warp(ready - 1);
        vm.expectRevert(abi.encodeWithSelector(I.NotWithdrawable.selector, id, alice, I.State.Active, ready));
        registry.withdraw(id, alice);
        vm.warp(ready);
        registry.withdraw(id, alice);
        eq(token.balanceOf(alice), WEALTH - 10 * FEE, "only the fee is gone");
    }

    function test_rlnIdentifier_bindsChainAndContract() public {
        bytes32 expected = keccak256(
            bytes.concat("teahouse/rln/1", bytes32(block.chainid), bytes20(address(registry)))
        );
        eq(registry.rlnIdentifier(), expected, "identifier");
        vm.chainId(5);
        ok(registry.rlnIdentifier() != expected, "another chain, another identifier");
    }
}
